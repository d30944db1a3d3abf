// When to say "uh-huh" while the caller tells something long: at a pause that does not end the turn, seldom enough to
// sound human. Words in turn, not at random, so that a call can be replayed.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/turn/settings.hpp"
#include "text/words.hpp"

namespace retell::engine::turn {

class Murmur {
 public:
  explicit Murmur(const ConversationSettings& settings) { configure(settings); }
  void configure(const ConversationSettings& settings) {
    enabled_ = settings.enable_backchannel && settings.backchannel_frequency > 0;
    // Frequency 1: about every 3 s of telling; 0.1: every 30 s.
    gap_ = enabled_ ? Millis(static_cast<Millis::rep>(3'000 / std::clamp(settings.backchannel_frequency, 0.1, 1.0)))
                    : Millis(0);
    words_ = settings.backchannel_words.empty() ? text::default_back_channels(settings.language)
                                                : settings.backchannel_words;
  }

  // The caller's turn began (or began anew).
  void telling_since(TimePoint at) { last_ = at; }
  // The caller paused and has surely more to say.
  [[nodiscard]] std::optional<std::string> at_pause(TimePoint now) {
    if (!enabled_ || words_.empty() || now - last_ < gap_) return std::nullopt;
    last_ = now;
    return words_[next_++ % words_.size()];
  }

 private:
  bool enabled_ = false;
  Millis gap_{0};
  std::vector<std::string> words_;
  std::size_t next_ = 0;
  TimePoint last_{};
};

}  // namespace retell::engine::turn
