// Speech that is said again and again (greetings, fillers), kept as samples so that it sounds without a synthesiser.
// One a worker; used on its thread.
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace retell::engine {

class SpeechCache {
 public:
  // About four minutes of telephone speech.
  explicit SpeechCache(std::size_t max_samples = 2'000'000) : max_samples_(max_samples) {}

  using Samples = std::shared_ptr<const std::vector<std::int16_t>>;

  // Everything that changes the sound, so that a voice at 8 kHz is never played at 16, nor an English one for a
  // Portuguese agent.
  struct Key {
    std::string_view vendor, model, voice, language;
    int sample_rate = 0;
    double speed = 1.0;
    std::string_view text;
  };
  [[nodiscard]] static std::string key(const Key& k) {
    std::string out;
    for (const auto part : {k.vendor, k.model, k.voice, k.language}) out.append(part).append("\n");
    return out + std::to_string(k.sample_rate) + '\n' + std::to_string(k.speed) + '\n' + std::string(k.text);
  }

  [[nodiscard]] Samples find(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second.place);
    return found->second.samples;
  }

  void put(const std::string& key, std::vector<std::int16_t> samples) {
    if (samples.empty() || samples.size() > max_samples_ / 4 || entries_.contains(key)) return;
    total_ += samples.size();
    order_.push_front(key);
    entries_.emplace(key, Entry{std::make_shared<const std::vector<std::int16_t>>(std::move(samples)), order_.begin()});
    while (total_ > max_samples_) {
      const auto oldest = entries_.find(order_.back());
      total_ -= oldest->second.samples->size();
      entries_.erase(oldest);
      order_.pop_back();
    }
  }

 private:
  struct Entry {
    Samples samples;
    std::list<std::string>::iterator place;
  };
  std::size_t max_samples_;
  std::size_t total_ = 0;
  std::list<std::string> order_;  // most recently used first
  std::map<std::string, Entry> entries_;
};

}  // namespace retell::engine
