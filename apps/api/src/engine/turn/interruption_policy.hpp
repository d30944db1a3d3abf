// Voice over the agent: pause, then decide. A cough, an "mm-hm" or a lone partial lets the agent go on; words or long
// speech are an interruption. Words alone, without voice, never interrupt.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/clock.hpp"
#include "engine/turn/settings.hpp"

namespace retell::engine::turn {

class InterruptionPolicy {
 public:
  enum class Over : std::uint8_t {
    thought,  // the reply is not audible yet: it must not begin, and dropping it loses nothing
    speech,
  };
  enum class Decision : std::uint8_t { none, pause, resume, interrupt };

  // What is known of the words said over the agent.
  struct Words {
    int content = 0;       // words that are neither back-channel nor filler
    bool stable = false;   // final, or seen in two readings
    bool settled = false;  // no more is to come for what was said
    bool command = false;  // "stop", "espera"
    bool asks = false;     // "why?", "hello", "cancela"
  };

  explicit InterruptionPolicy(const ConversationSettings& settings) { configure(settings); }
  void configure(const ConversationSettings& settings);

  // `guarded`: this speech can be neither paused nor cut, as with interruption_sensitivity 0.
  void voice_began(TimePoint at, Over over, bool guarded);
  void voice_ended(TimePoint at, TimePoint now);
  void set_words(const Words& words) { words_ = words; }
  void set_guarded(bool guarded) { guarded_ = guarded; }
  // The overlap is over: interrupted, or the agent's turn has ended.
  void reset();

  // At most one step; the caller of this carries it out. After `interrupt`, reset().
  [[nodiscard]] Decision decide(TimePoint now);
  // The next time after `now` at which decide() may differ.
  [[nodiscard]] std::optional<TimePoint> deadline(TimePoint now) const;

  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] bool paused() const { return paused_at_.has_value(); }
  [[nodiscard]] bool voice() const { return active_ && voice_since_.has_value(); }
  [[nodiscard]] Millis voiced(TimePoint now) const;  // of this overlap

 private:
  [[nodiscard]] bool confirmed(TimePoint now) const;
  [[nodiscard]] bool over_without_words(TimePoint now) const;
  [[nodiscard]] Millis pause_after() const;
  [[nodiscard]] Millis long_speech() const;
  [[nodiscard]] Millis resume_after() const;

  double sensitivity_ = 1.0;
  Millis final_wait_{0};
  bool guarded_ = false;
  bool active_ = false;
  Over over_ = Over::speech;
  std::optional<TimePoint> voice_since_;  // the running burst
  Millis voiced_before_{0};               // earlier bursts of this overlap
  TimePoint ended_{};                     // of the last burst
  TimePoint known_ended_{};               // when that was known
  std::optional<TimePoint> paused_at_;
  bool pause_spent_ = false;  // a burst pauses once: it cannot hold the agent's mouth again and again
  Words words_;
};

// Evidence from what was said: `text` of the open turn.
[[nodiscard]] InterruptionPolicy::Words weigh_words(std::string_view text, bool stable, bool settled,
                                                    text::Language language);

// Whether a text trails off: "and then...". Of a short sound that is over, transcribers make such scraps when it was a
// murmur; a caller who broke off without going on wanted nothing either.
[[nodiscard]] bool trails_off(std::string_view text, text::Language language);
inline constexpr Millis short_burst{600};  // a murmur of two syllables takes up to half a second

// Whether nobody can have said `words` words in a short burst of `voice` that is over. Transcribers that are given a
// murmur alone make sentences of it, and give themselves away by the pace.
[[nodiscard]] bool too_fast_to_be_said(std::size_t words, Millis voice);

}  // namespace retell::engine::turn
