// The words of the caller's turn as the transcriber brings them: partials that grow and shrink, finals that come twice,
// late or empty. Knows which words are new, which were answered already, and which are only an echo of old ones.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "engine/call_event.hpp"
#include "engine/turn/ids.hpp"

namespace retell::engine::turn {

class CallerTurn {
 public:
  enum class Change : std::uint8_t {
    none,      // stale, repeated or without words: nothing to do
    words,     // the open turn's text has changed
    answered,  // only the text of the turn already taken has changed: see answered_text()
  };

  // A partial of an utterance that is final or answered brings only what goes beyond it. An empty one never erases.
  Change partial(UtteranceId utterance, std::string_view text, core::TimePoint now);
  // An empty final takes back a lone partial, not words that two partials agreed on. `new_voice`: there was voice since
  // the turn was taken; without it, words of an utterance already answered belong to that turn.
  Change final(UtteranceId utterance, std::string_view text, std::vector<TimedWord> words, bool new_voice,
               core::TimePoint now);

  [[nodiscard]] bool empty() const { return segments_.empty(); }
  [[nodiscard]] std::string text() const;  // of the open turn
  [[nodiscard]] std::vector<TimedWord> words() const;
  [[nodiscard]] bool has_open_partial() const;  // some utterance still awaits its final
  // The text is final, or was seen in two readings or more: not the whim of one partial.
  [[nodiscard]] bool is_stable() const;
  [[nodiscard]] core::TimePoint last_change() const { return last_change_; }
  [[nodiscard]] core::TimePoint last_final() const { return last_final_; }

  // The turn is taken: its text is answered from now on, the open turn is empty.
  void take();
  // The open words were not a turn (a back-channel): they are done with, and what was taken before stays so.
  void set_aside();
  // Nothing of the answer was heard: what was taken is open again, before the newer words.
  void reopen();
  // What was taken last, corrected by finals that came since.
  [[nodiscard]] std::string answered_text() const;
  [[nodiscard]] std::vector<TimedWord> answered_words() const;

  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  // stale and repeated transcripts

 private:
  struct Segment {
    UtteranceId utterance = 0;
    std::string text;
    std::vector<TimedWord> words;
    bool final = false;
    int readings = 0;      // partials that brought words
    std::string prefix{};  // of the same utterance, done with already
    bool aside = false;
  };

  Segment* find(std::vector<Segment>& in, UtteranceId utterance);
  [[nodiscard]] bool repeats_last_final(UtteranceId utterance, std::string_view text, core::TimePoint now) const;
  Change set(Segment& segment, std::string_view text, bool final, core::TimePoint now);

  std::vector<Segment> segments_;  // open
  std::vector<Segment> answered_;  // of the turn taken last, and what was set aside since
  UtteranceId newest_taken_ = 0;   // utterances up to here were taken in some turn
  std::string last_final_text_;
  core::TimePoint last_final_{};
  core::TimePoint last_change_{};
  std::uint64_t dropped_ = 0;
};

}  // namespace retell::engine::turn
