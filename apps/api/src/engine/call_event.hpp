// What a call leaves behind, as it happens. Emitted on the call's worker; the sink must not block (services/ queues).
#pragma once
#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"

namespace retell::engine {

struct TimedWord {
  std::string word;
  double start = 0;  // seconds from the call's start
  double end = 0;
};

// One line of the transcript, in Retell's roles.
struct Utterance {
  enum class Role : std::uint8_t { agent, user, tool_call_invocation, tool_call_result, dtmf };
  Role role = Role::agent;
  std::string content;  // agent: the words that were heard; tool result: its text; dtmf: the digits
  std::vector<TimedWord> words = {};
  std::string tool_call_id = {};  // of the two tool roles
  std::string name = {};          // tool's name (invocation)
  std::string arguments = {};     // tool's arguments as JSON text (invocation)
  bool interrupted = false;       // agent: cut by the caller
  bool successful = true;         // tool result: the tool did what was asked
};

// One turn's waiting time, in milliseconds, as the caller heard it and where it went. The parts follow one another:
// what lies between the last voiced sample and the decision is shared by the transcript and the wait. Negative: not
// known.
struct TurnLatency {
  std::uint32_t turn = 0;
  double heard_ms = -1;        // caller's last voiced sample to the agent's first audible one, from the recording
  double transcript_ms = -1;   // last voiced sample to the last words of the transcript (0 when they were there)
  double end_of_turn_ms = -1;  // from both of them to the decision that the turn is the agent's
  double model_first_token_ms = -1;
  double first_clause_ms = -1;  // first token to the first speakable clause
  double synthesis_first_byte_ms = -1;
  double transport_ms = -1;  // first synthesised byte to the far end's ear, as far as we can tell
};

enum class EndReason : std::uint8_t {
  user_hangup,
  agent_hangup,
  inactivity,
  max_duration_reached,
  concurrency_limit_reached,
  error_stt,
  error_tts,
  error_llm,
  error_transport,
  error_unknown,
  server_shutdown,  // ended by drain after its limit; Retell's closest: agent_hangup
  manual_stop,      // ended by the API's stop-call
};
// Retell's `disconnection_reason`.
[[nodiscard]] const char* disconnection_reason(EndReason reason);

struct MediaCounters {
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t late_frames = 0;  // sent more than 10 ms after their deadline
  double worst_gap_ms = 0;        // longest time between two frames out inside a turn, pauses that were meant left out
  std::uint64_t cleared_bytes = 0;  // queued agent audio thrown away by interruptions
  std::uint64_t stale_events = 0;   // frames, words, results of an old turn that were dropped
};

struct CallStarted {
  core::WallTime at;
};
// The whole transcript so far, when it changed at a turn's border.
struct TranscriptUpdated {
  std::vector<Utterance> transcript;
};
// Words of a side while they come, for live views. Not stored.
struct LiveText {
  Utterance::Role role = Utterance::Role::user;
  std::string text;  // user: of the line that is being said; agent: all that this turn has said or is about to say
  bool final = false;
  std::uint32_t turn = 0;
};
struct TurnMeasured {
  TurnLatency latency;
};
// A vendor failed at its work; whether another took over is told by CallEnded.
struct VendorFailed {
  const char* stage = "";  // stt, llm, tts
  std::string vendor;      // "none" when there was none to ask
};
struct CallEnded {
  core::WallTime started;
  core::WallTime ended;
  EndReason reason = EndReason::error_unknown;
  std::string detail;  // for the log and the operator; empty when all went well
  std::vector<Utterance> transcript;
  std::vector<TurnLatency> latencies;
  MediaCounters media;
  std::string recording_path;  // closed and complete; empty when there is none
  int prompt_tokens = 0;
  int completion_tokens = 0;
  std::vector<std::string> failovers;  // "tts: elevenlabs -> local"
};
using CallEvent = std::variant<CallStarted, TranscriptUpdated, LiveText, TurnMeasured, VendorFailed, CallEnded>;
using CallEventSink = std::function<void(const CallEvent&)>;

}  // namespace retell::engine
