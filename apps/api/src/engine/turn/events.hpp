// What the call tells the conversation core. `turn`s are the ids that the core gave out in its actions; an event whose
// turn is no longer open is dropped and counted, so the shell may pass everything on without looking.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "engine/call_event.hpp"
#include "engine/turn/ids.hpp"
#include "engine/turn/settings.hpp"
#include "text/speech_normaliser.hpp"

namespace retell::engine::turn {

// --- The call -------------------------------------------------------------------------------------------------------
// Media flows. The first event; its `now` is the zero of all transcript times.
struct CallBegan {};
// The far end is gone (user_hangup), or the line broke (error_transport), or the API asked to stop (manual_stop).
// Answered by EndCall with the same reason.
struct Ended {
  EndReason reason = EndReason::user_hangup;
};
// The agent's settings in force from now on (Retell's update_agent, a flow node's overrides).
struct SettingsChanged {
  ConversationSettings settings;
};
// Speak now, whatever is going on (a custom model's agent_interrupt, update-live-call's trigger_response).
struct ReplyRequested {
  bool uninterruptible = false;
};
// No transcriber is left: the agent is deaf for good. It apologises and the call ends (error_stt).
struct HearingFailed {};
// The server stops: the agent takes its leave and the call ends (server_shutdown).
struct ShuttingDown {};
// Only time has passed: send it at next_deadline().
struct Tick {};

// --- Hearing --------------------------------------------------------------------------------------------------------
// Voice began at `at`, which lies before `now` by the detector's own delay.
struct SpeechStarted {
  TimePoint at;
};
// The last voiced sample was at `at`; the detector's hang-over has passed since.
struct SpeechEnded {
  TimePoint at;
};
// The whole text of the running segment so far; may shrink. Segments are numbered by the shell: the running one keeps
// its number until its final, then the next begins.
struct PartialTranscript {
  UtteranceId utterance = 0;
  std::string text;
};
struct FinalTranscript {
  UtteranceId utterance = 0;
  std::string text;                   // may be empty
  std::vector<TimedWord> words = {};  // seconds from the call's start; empty when the vendor gives none
};
// The transcriber has answered FinalizeTranscript{pause}: all speech up to then has been reported. Optional; without
// it a final after the end of speech, or the deadline, decides.
struct TranscriptSettled {
  PauseId pause = 0;
};
// The learned detector's answer to AskEndOfTurn{pause}.
struct EndOfTurnVerdict {
  PauseId pause = 0;
  double probability = 0;  // that the caller has finished
};
struct Digit {
  char digit = '0';  // 0-9 * #
};

// --- The reply: model, synthesiser, playout
// --------------------------------------------------------------------------- The model produced something for this
// turn (text or a tool call). Every delta or only the first, as the shell likes.
struct ModelDelta {
  TurnId turn = 0;
};
// What follows once the reply has been heard to its end. An interruption cancels it.
enum class AfterReply : std::uint8_t { listen, hang_up, hand_over };
// The reply's text is complete: all its clauses have been announced and no tool call is to follow. Without any clause
// the turn is over in silence.
struct ModelDone {
  TurnId turn = 0;
  AfterReply after = AfterReply::listen;
};
struct ModelFailed {
  TurnId turn = 0;
};
// A clause was given to the synthesiser. `text` is what enters the transcript (as written, not as normalised); `pieces`
// how it is read, in order. Without pieces each word is read as it is written.
struct ClauseQueued {
  TurnId turn = 0;
  ClauseId clause = 0;
  std::string text;
  bool uninterruptible = false;
  bool filler = false;  // the answer to SayFiller: heard, but not yet the reply
  std::vector<text::SpokenPiece> pieces = {};
};
// More audio of a clause, in order; `duration` is of this piece. `last`: the clause has no more.
struct ClauseAudio {
  TurnId turn = 0;
  ClauseId clause = 0;
  Millis duration{0};
  bool last = false;
};
struct ClauseWord {
  std::string text;  // as said
  Millis start{0};   // from the clause's first sample
  Millis end{0};
};
// Word times, when the voice gives them; before, with or after the audio, in parts.
struct ClauseWords {
  TurnId turn = 0;
  ClauseId clause = 0;
  std::vector<ClauseWord> words;
};
// After ModelDone: all audio of the turn has been delivered.
struct SynthesisDone {
  TurnId turn = 0;
};
struct SynthesisFailed {
  TurnId turn = 0;
};
// The first frame of the turn went to the far end.
struct PlayoutStarted {
  TurnId turn = 0;
};
// So much of the turn's audio has been played, by marks or by the media clock. Late and repeated reports do no harm.
struct Played {
  TurnId turn = 0;
  Millis played{0};
};
// Everything of a complete turn (after SynthesisDone) has been played.
struct PlayoutFinished {
  TurnId turn = 0;
};
// The answer to Interrupt: so much had really been played. It settles what the transcript keeps of the turn.
struct PlayoutStopped {
  TurnId turn = 0;
  Millis played{0};
};

// --- Tools ----------------------------------------------------------------------------------------------------------
// A tool runs for this turn. Never for a speculation: hold the call until CommitTurn.
struct ToolStarted {
  TurnId turn = 0;
  std::string id;
  std::string name;
  std::string arguments;    // JSON text
  Millis timeout{120'000};  // over all attempts
};
// Also for a turn that was interrupted meanwhile: its result stays in the transcript.
struct ToolFinished {
  TurnId turn = 0;
  std::string id;
  std::string content;
  bool successful = true;
};

using Event =
    std::variant<CallBegan, Ended, SettingsChanged, ReplyRequested, HearingFailed, ShuttingDown, Tick, SpeechStarted,
                 SpeechEnded, PartialTranscript, FinalTranscript, TranscriptSettled, EndOfTurnVerdict, Digit,
                 ModelDelta, ModelDone, ModelFailed, ClauseQueued, ClauseAudio, ClauseWords, SynthesisDone,
                 SynthesisFailed, PlayoutStarted, Played, PlayoutFinished, PlayoutStopped, ToolStarted, ToolFinished>;

}  // namespace retell::engine::turn
