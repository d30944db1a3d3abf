// What the conversation core asks of the call. The shell carries them out in order.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "engine/call_event.hpp"
#include "engine/turn/ids.hpp"

namespace retell::engine::turn {

using core::TimePoint;

// --- Asking the hearing side
// ------------------------------------------------------------------------------------------ The caller fell silent:
// have the transcriber report everything now (SttStream::finalize(pause)). Answer with TranscriptSettled{pause} if the
// vendor says so.
struct FinalizeTranscript {
  PauseId pause = 0;
  TimePoint deadline;  // after it the core goes on with what it has
};
// Ask the learned detector about the sound up to now; answer with EndOfTurnVerdict{pause}.
struct AskEndOfTurn {
  PauseId pause = 0;
};

// --- The agent's turn
// -------------------------------------------------------------------------------------------------
enum class TurnKind : std::uint8_t {
  answer,     // to `text`, the caller's whole turn, which is also the last of the history
  digits,     // to `text`, the digits pressed
  opening,    // the begin message, or the model's own opening when there is none
  reminder,   // the caller has been silent
  requested,  // ReplyRequested
};
// It is the agent's turn: produce the reply and let it sound.
struct StartTurn {
  TurnId turn = 0;
  TurnKind kind = TurnKind::answer;
  std::string text = {};
};
// The turn is probably the agent's: produce the reply to `text` (history plus this), but let nothing sound, run no
// tool and write nothing down before CommitTurn. At most one speculation is open.
struct SpeculateTurn {
  TurnId turn = 0;
  std::string text;
  bool extends =
      false;  // `text` replaces the caller's last line of the history: a turn whose reply was dropped goes on
};
struct CommitTurn {
  TurnId turn = 0;
};
struct AbandonSpeculation {
  TurnId turn = 0;
};

enum class InterruptReason : std::uint8_t {
  caller_spoke,        // over the agent's speech
  caller_resumed,      // before anything was heard: the reply is stale and the caller's turn goes on
  transcript_changed,  // a late final brought other words, before anything was heard
  digit,
  replaced,  // by ReplyRequested
  failed,    // the watchdog gave the reply up
};
// Stop everything of this turn: model, synthesis, queued audio, the far end's buffer. Running tools go on to their end.
// Answer with PlayoutStopped when anything of the turn had been handed to the far end.
struct Interrupt {
  TurnId turn = 0;
  InterruptReason reason = InterruptReason::caller_spoke;
};
// Hold the turn's audio at once, also before its first frame; nothing is thrown away. What the far end has queued may
// be cleared if ResumePlayout then goes on from the last word played.
struct PausePlayout {
  TurnId turn = 0;
};
struct ResumePlayout {
  TurnId turn = 0;
};

// --- Over the silence
// -------------------------------------------------------------------------------------------------
enum class Stage : std::uint8_t { language, speech, tool };
// Say "one moment" in this turn: announce it as a filler clause. `waiting_for` may choose the words.
struct SayFiller {
  TurnId turn = 0;
  Stage waiting_for = Stage::language;
};
// Give up the current attempt of `stage` and go on in the same turn: language: ask the fall-back model anew; speech:
// speak `unheard` with the fall-back voice (the core forgets the clauses that have not begun to sound: announce it with
// new ids); tool: give the model an error as the tool's result. Nothing of the old attempt may follow.
struct FailOver {
  TurnId turn = 0;
  Stage stage = Stage::language;
  std::string unheard = {};  // the text announced and not yet heard, for stage speech
};
// Say the apology, or the farewell, as a turn of its own (announce its clause). EndCall with the reason follows when it
// has been played, or soon anyway.
struct Apologise {
  TurnId turn = 0;
  EndReason reason = EndReason::error_unknown;
};
// A short "uh-huh" under the caller's speech; no turn, no transcript. Drop it when it cannot sound at once.
struct Backchannel {
  std::string word;
};

// --- Ends and reports
// ------------------------------------------------------------------------------------------------- The turn was heard
// to its end, or was cut and its final PlayoutStopped has come: the transcript of it is settled.
struct TurnSettled {
  TurnId turn = 0;
  bool interrupted = false;
};
// Where the time of a turn went, once it is audible. Absent: did not happen (an opening has no speech before it).
struct TurnTimed {
  TurnId turn = 0;
  std::optional<TimePoint> speech_ended = {};  // the caller's last voiced sample
  std::optional<TimePoint> transcript = {};    // the last words of the caller's turn arrived
  std::optional<TimePoint> asked = {};         // the model was asked (before `decided` when speculated)
  std::optional<TimePoint> decided = {};       // the turn became the agent's
  std::optional<TimePoint> first_token = {};
  std::optional<TimePoint> first_clause = {};
  std::optional<TimePoint> first_audio = {};
  std::optional<TimePoint> audible = {};
  bool speculated = false;
};
// The reply has been heard and the call is to be transferred.
struct HandOver {
  TurnId turn = 0;
};
// The call is over; the last action. Only PlayoutStopped and ToolFinished still have a meaning, for the transcript.
struct EndCall {
  EndReason reason = EndReason::agent_hangup;
};

using Action = std::variant<FinalizeTranscript, AskEndOfTurn, StartTurn, SpeculateTurn, CommitTurn, AbandonSpeculation,
                            Interrupt, PausePlayout, ResumePlayout, SayFiller, FailOver, Apologise, Backchannel,
                            TurnSettled, TurnTimed, HandOver, EndCall>;
using Actions = std::vector<Action>;

}  // namespace retell::engine::turn
