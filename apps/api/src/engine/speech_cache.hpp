// Speech that is said again and again (greetings, fillers), kept as samples so that it sounds without a synthesiser.
// One for all workers, since vendors are paid for every character: any thread. It is asked a few times a call, and
// holds its lock for no longer than a look-up.
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace retell::engine {

class SpeechCache {
 public:
  // About four minutes of telephone speech.
  explicit SpeechCache(std::size_t max_samples = 2'000'000) : max_samples_(max_samples) {}

  using Samples = std::shared_ptr<const std::vector<std::int16_t>>;

  // Everything that changes the sound, so that a voice at 8 kHz is never played at 16.
  [[nodiscard]] static std::string key(const std::string& vendor, const std::string& model, const std::string& voice,
                                       int sample_rate, double speed, const std::string& text) {
    return vendor + '\n' + model + '\n' + voice + '\n' + std::to_string(sample_rate) + '\n' + std::to_string(speed) +
           '\n' + text;
  }

  [[nodiscard]] Samples find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second.place);
    return found->second.samples;
  }

  // Gives what was put in; it is not kept when it is long, or known already.
  Samples put(const std::string& key, std::vector<std::int16_t> made) {
    const auto samples = std::make_shared<const std::vector<std::int16_t>>(std::move(made));
    const std::lock_guard lock(mutex_);
    if (samples->empty() || samples->size() > max_samples_ / 4 || entries_.contains(key)) return samples;
    total_ += samples->size();
    order_.push_front(key);
    entries_.emplace(key, Entry{samples, order_.begin()});
    while (total_ > max_samples_) {
      const auto oldest = entries_.find(order_.back());
      total_ -= oldest->second.samples->size();
      entries_.erase(oldest);
      order_.pop_back();
    }
    return samples;
  }

  // The right to make what is to be put in ahead of need, held until it is reset; null while another holds it. Calls
  // that ring at the same time then do not pay for the same greeting.
  using Making = std::shared_ptr<const std::string>;
  [[nodiscard]] Making make(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (!making_.insert(key).second) return nullptr;
    return {new std::string(key), [this](const std::string* held) {
              const std::unique_ptr<const std::string> owned(held);
              const std::lock_guard again(mutex_);
              making_.erase(*owned);
            }};
  }

 private:
  struct Entry {
    Samples samples;
    std::list<std::string>::iterator place;
  };
  std::size_t max_samples_;
  std::mutex mutex_;  // guards what follows
  std::size_t total_ = 0;
  std::list<std::string> order_;  // most recently used first
  std::map<std::string, Entry> entries_;
  std::set<std::string> making_;
};

}  // namespace retell::engine
