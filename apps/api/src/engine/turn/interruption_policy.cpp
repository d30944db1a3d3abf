#include "engine/turn/interruption_policy.hpp"

#include <algorithm>
#include <array>

#include "engine/turn/soonest.hpp"
#include "text/turn_text.hpp"
#include "text/word_lists.hpp"
#include "text/words.hpp"

namespace retell::engine::turn {
namespace {

// Milliseconds of voice, at sensitivity 1 and what sensitivity 0 would add. LiveKit pauses after 500; to fall silent
// within 250 ms of the caller's first word the pause must come in the first 120.
constexpr double pause_base = 120, pause_slope = 480;
constexpr double words_base = 150, words_slope = 450;
constexpr double long_base = 1'200, long_slope = 2'000;
// Before anything is heard, cutting costs nothing but must still not follow a cough.
constexpr Millis long_over_thought{600};
// Silence without words after which the agent goes on. A burst that was long enough for a word waits for the
// transcriber's p99, or the agent would begin again only to be cut by the words.
constexpr Millis shortest_resume{600}, longest_resume{1'200};
constexpr Millis word_length{400};
constexpr Millis longest_pause{2'000};
// Words may come late, after the agent has gone on.
constexpr Millis remembered{2'500};

constexpr std::array<std::string_view, 12> commands{"stop",   "wait",   "hold",  "no",  "para",  "pare",
                                                    "espera", "espere", "calma", "nao", "chega", "perai"};
// Said alone they want something, too, though of an agent that is hard to interrupt no more than other words do.
constexpr std::array<std::string_view, 13> calls{"sorry",  "hello",     "hey",      "cancel", "repeat",
                                                 "help",   "operator",  "desculpa", "alo",    "cancela",
                                                 "repete", "atendente", "human"};

// Whether a text is a question, by its first word, or calls the agent. Not by its mark: an "mm-hm" rises at its end,
// and transcribers make a "You that?" of it.
bool asks(std::string_view said, text::Language language) {
  const auto words = text::folded_words(said);
  if (words.empty()) return false;
  return text::lists::contains(text::lists::List::question_word, language, words.front()) ||
         std::ranges::find(calls, words.front()) != calls.end();
}

Millis scaled(double base, double slope, double sensitivity) {
  return Millis(static_cast<Millis::rep>(base + slope * (1 - sensitivity)));
}

}  // namespace

void InterruptionPolicy::configure(const ConversationSettings& settings) {
  final_wait_ = settings.final_wait;
  sensitivity_ = std::clamp(settings.interruption_sensitivity, 0.0, 1.0);
}

Millis InterruptionPolicy::pause_after() const {
  return over_ == Over::thought ? Millis(0) : scaled(pause_base, pause_slope, sensitivity_);
}

Millis InterruptionPolicy::resume_after() const {
  return voiced_before_ < word_length ? shortest_resume : std::clamp(final_wait_, shortest_resume, longest_resume);
}

Millis InterruptionPolicy::long_speech() const {
  return over_ == Over::thought ? long_over_thought : scaled(long_base, long_slope, sensitivity_);
}

void InterruptionPolicy::voice_began(TimePoint at, Over over, bool guarded) {
  if (!active_) {
    reset();
    active_ = true;
    over_ = over;
  } else if (!voice_since_ && !paused_at_) {  // a new burst after the agent went on
    voiced_before_ = Millis(0);
    pause_spent_ = false;
  }
  guarded_ = guarded;
  voice_since_ = at;
}

void InterruptionPolicy::voice_ended(TimePoint at, TimePoint now) {
  if (!voice_since_) return;
  voiced_before_ += std::max(Millis(0), std::chrono::duration_cast<Millis>(at - *voice_since_));
  voice_since_.reset();
  ended_ = at;
  known_ended_ = now;
}

void InterruptionPolicy::reset() {
  active_ = false;
  voice_since_.reset();
  voiced_before_ = Millis(0);
  paused_at_.reset();
  pause_spent_ = false;
  words_ = {};
}

Millis InterruptionPolicy::voiced(TimePoint now) const {
  if (!voice_since_) return voiced_before_;
  return voiced_before_ + std::max(Millis(0), std::chrono::duration_cast<Millis>(now - *voice_since_));
}

bool InterruptionPolicy::confirmed(TimePoint now) const {
  if (guarded_) return false;
  const Millis voice = voiced(now);
  // A short sound that is over is an interruption only if it wants something: of an "uh-huh" that they are given alone,
  // transcribers make "see that", while who has something to say takes longer.
  if (over_ == Over::speech && !voice_since_ && voice < short_burst) {
    const bool wants = words_.command || words_.asks;
    if (!wants || too_fast_to_be_said(static_cast<std::size_t>(words_.content), voice)) return false;
  }
  if (over_ == Over::thought) {
    const bool said = words_.content > 0 && (words_.stable || words_.content > 1);
    return said || voice >= long_speech();
  }
  const int needed = sensitivity_ >= 0.7 ? 1 : sensitivity_ >= 0.4 ? 2 : 3;
  const bool enough = words_.content >= needed && (words_.stable || words_.content > needed);
  const bool said = enough || (words_.command && words_.content > 0);
  return (said && voice >= scaled(words_base, words_slope, sensitivity_)) || voice >= long_speech();
}

bool InterruptionPolicy::over_without_words(TimePoint now) const {
  if (voice_since_) return false;
  return (words_.settled && words_.content == 0) || now >= ended_ + resume_after();
}

InterruptionPolicy::Decision InterruptionPolicy::decide(TimePoint now) {
  if (!active_) return Decision::none;
  if (confirmed(now)) return Decision::interrupt;
  if (paused_at_) {
    const bool give_back = guarded_ || over_without_words(now) || now >= *paused_at_ + longest_pause;
    if (!give_back) return Decision::none;
    paused_at_.reset();
    return Decision::resume;
  }
  if (!guarded_ && !pause_spent_ && voice_since_ && voiced(now) >= pause_after()) {
    pause_spent_ = true;
    paused_at_ = now;
    return Decision::pause;
  }
  if (!voice_since_ && now >= known_ended_ + remembered) reset();
  return Decision::none;
}

std::optional<TimePoint> InterruptionPolicy::deadline(TimePoint now) const {
  if (!active_) return std::nullopt;
  Soonest next(now);
  if (paused_at_) next.at(*paused_at_ + longest_pause);
  if (voice_since_ && !guarded_) {
    const TimePoint began = *voice_since_ - voiced_before_;
    if (!pause_spent_) next.at(began + pause_after());
    if (words_.content > 0) next.at(began + scaled(words_base, words_slope, sensitivity_));
    next.at(began + long_speech());
  }
  if (!voice_since_) next.at(paused_at_ ? ended_ + resume_after() : known_ended_ + remembered);
  return next.when();
}

InterruptionPolicy::Words weigh_words(std::string_view said, bool stable, bool settled, text::Language language) {
  InterruptionPolicy::Words words{.content = 0, .stable = stable, .settled = settled};
  if (text::is_back_channel(said, language)) return words;
  for (const std::string& word : text::folded_words(said)) {
    if (text::is_filler(word, language)) continue;
    ++words.content;
    words.command = words.command || std::ranges::find(commands, word) != commands.end();
  }
  words.asks = asks(said, language);
  return words;
}

bool trails_off(std::string_view said, text::Language language) {
  // What a transcriber marks as unfinished; with a full stop the same words may well be meant as they stand.
  constexpr float surely_unfinished = 0.1F;
  return text::turn_end_likelihood(said, language).score <= surely_unfinished;
}

bool too_fast_to_be_said(std::size_t words, Millis voice) {
  // Fast speakers of English and Portuguese say six or seven words a second; one more for what the ends were cut of.
  constexpr Millis::rep words_a_second = 8;
  if (voice <= Millis(0) || voice >= short_burst) return false;
  return static_cast<Millis::rep>(words) > 1 + voice.count() * words_a_second / 1'000;
}

}  // namespace retell::engine::turn
