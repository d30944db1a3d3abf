// The agent's turn that is open: how far the model, the synthesiser and the playout have come with it.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "engine/turn/actions.hpp"
#include "engine/turn/events.hpp"
#include "engine/turn/heard_words.hpp"

namespace retell::engine::turn {

struct Reply {
  enum class Kind : std::uint8_t { answer, digits, opening, reminder, requested, apology };

  Reply(TurnId id, Kind what, TimePoint now, SpeakingRate& rate)
      : turn(id), kind(what), begun(now), speech(rate), expected_since(now) {
    timing.turn = id;
  }

  TurnId turn;
  Kind kind;
  TimePoint begun;           // asked for; from the commit on, when the turn became the agent's
  bool speculative = false;  // not yet committed
  bool guarded = false;      // may be neither paused nor cut
  std::string text = {};     // what it answers

  HeardWords speech;
  std::size_t part = 0;      // the transcript line of new clauses: as many calls and results of tools stand before it
  bool announced = false;    // this part has a clause
  TimePoint expected_since;  // nothing audible is owed for longer than this
  bool model_done = false;
  bool synthesis_done = false;
  AfterReply after = AfterReply::listen;
  std::map<std::string, TimePoint> tools = {};  // running, and until when

  bool audible = false;
  TimePoint audible_at{};
  Millis played{0};
  TimePoint last_progress{};   // of the playout
  TimePoint last_own_sound{};  // the same, fillers left out
  bool held = false;           // PausePlayout is in force

  bool language_failed_over = false;
  bool speech_failed_over = false;
  TurnTimed timing = {};
  bool timed = false;

  // All audio that has come has been played.
  [[nodiscard]] bool drained() const { return played >= speech.duration(); }
  // Which stage keeps us waiting.
  [[nodiscard]] Stage waiting_for() const {
    if (!tools.empty()) return Stage::tool;
    return announced ? Stage::speech : Stage::language;
  }
};

}  // namespace retell::engine::turn
