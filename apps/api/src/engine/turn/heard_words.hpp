// Which words of a turn the caller has really heard, given how much of its audio was played: by the voice's word times
// where it gives them, else by the syllables' share of the clause, and by the usual speaking rate while a clause's
// length is not known yet. A number counts as what is said of it ("$1.50" is five words long). Cuts at a word's border;
// a word counts once more than half of it has sounded.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "engine/call_event.hpp"
#include "engine/turn/events.hpp"

namespace retell::engine::turn {

// How fast the voice in use speaks; one for a call, so that later turns profit from earlier ones.
class SpeakingRate {
 public:
  void observe(double syllables, Millis duration);
  [[nodiscard]] Millis estimate(double syllables) const;

 private:
  double per_second_ = 3.83;  // syllables; LiveKit's starting value
};

// Groups of vowels, at least one a word: near enough for a share of time, in English and Portuguese.
[[nodiscard]] double count_syllables(std::string_view text);

class HeardWords {
 public:
  explicit HeardWords(SpeakingRate& rate) : rate_(&rate) {}

  // A part is one line of the transcript: a turn has several when tools run in between.
  void queue(const ClauseQueued& clause, std::size_t part);
  void audio(const ClauseAudio& piece);
  void word_times(const ClauseWords& words);
  // All audio has come: every clause has its final length.
  void complete();
  // Forgets clauses of which nothing has sounded, and cuts the one that was sounding.
  void forget_unheard(Millis played);

  [[nodiscard]] Millis duration() const;  // of all audio so far
  [[nodiscard]] bool empty() const { return clauses_.empty(); }
  [[nodiscard]] bool has_reply_audio() const;    // anything but fillers
  [[nodiscard]] Millis reply_audio_end() const;  // of the last such sound so far; zero: there is none
  [[nodiscard]] bool is_filler(ClauseId id) const;
  [[nodiscard]] bool uninterruptible_at(Millis played) const;

  struct Line {
    std::string text;
    std::vector<TimedWord> words;  // seconds from the turn's first sample
  };
  // What was heard of a part once `played` of the turn's audio has sounded.
  [[nodiscard]] Line heard(std::size_t part, Millis played) const;
  // What was announced and not heard, in order, without fillers.
  [[nodiscard]] std::string unheard(Millis played) const;

 private:
  // A word of the text, or several that are read as one.
  struct Piece {
    std::string text;
    std::size_t words = 0;  // as said
    double letters = 0;     // of them, blanks included
    double syllables = 0;
  };
  struct Clause {
    ClauseId id = 0;
    std::size_t part = 0;
    std::vector<Piece> pieces;
    std::size_t words = 0;  // sums of the pieces'
    double letters = 0;
    double syllables = 0;
    bool uninterruptible = false;
    bool filler = false;
    bool complete = false;  // `duration` is final
    Millis duration{0};
    std::vector<ClauseWord> times;
  };
  struct Span {
    std::string_view word;
    double start_ms = 0;  // from the clause's first sample
    double end_ms = 0;
  };

  static void add(Clause& clause, std::string text, std::string_view said);
  Clause* find(ClauseId id);
  void finish(Clause& clause);
  [[nodiscard]] std::vector<Span> spans(const Clause& clause) const;

  SpeakingRate* rate_;
  std::vector<Clause> clauses_;
};

}  // namespace retell::engine::turn
