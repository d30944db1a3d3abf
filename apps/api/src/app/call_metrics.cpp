#include "app/call_metrics.hpp"

#include <string>
#include <utility>
#include <vector>

namespace retell::app {
namespace {

// Seconds. A person notices 0.3, waits gladly 0.8 and asks "hello?" at 3.
const std::vector<double> wait_bounds = {0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10};
const std::vector<double> duration_bounds = {5, 15, 30, 60, 120, 300, 600, 1800, 3600};
// One frame is 0.02; what is longer than two can be heard.
const std::vector<double> gap_bounds = {0.022, 0.025, 0.03, 0.04, 0.06, 0.1, 0.2, 0.5, 1};

constexpr auto frames_help = "Frames of 20 ms that passed between calls and their far ends.";
constexpr auto tokens_help = "Tokens that language models counted.";

// "tts: elevenlabs -> local" gives tts.
std::string stage_of(const std::string& failover) { return failover.substr(0, failover.find(':')); }

}  // namespace

CallMetrics::CallMetrics(core::Metrics& metrics, HeardWaits* waits)
    : metrics_(metrics),
      waits_(waits),
      duration_(
          metrics.histogram("retell_call_duration_seconds", "Length of the calls that have ended.", duration_bounds)),
      heard_(metrics.histogram("retell_turn_heard_seconds",
                               "From the caller's last sound to the agent's first, turn by turn, as the call's "
                               "recording has it.",
                               wait_bounds)),
      worst_gap_(
          metrics.histogram("retell_call_worst_gap_seconds",
                            "Of each call, the longest time between two frames inside an answer, pauses that are "
                            "meant left out.",
                            gap_bounds)),
      frames_in_(metrics.counter("retell_media_frames_total", frames_help, {{"direction", "in"}})),
      frames_out_(metrics.counter("retell_media_frames_total", frames_help, {{"direction", "out"}})),
      late_frames_(metrics.counter("retell_media_late_frames_total", "Frames sent over 10 ms after their deadline.")),
      cleared_bytes_(metrics.counter("retell_media_cleared_bytes_total",
                                     "Agents' sound that was queued and thrown away by interruptions.")),
      stale_events_(metrics.counter("retell_stale_events_total",
                                    "Frames, words and tool results of a turn that was over: dropped.")),
      prompt_tokens_(metrics.counter("retell_llm_tokens_total", tokens_help, {{"kind", "prompt"}})),
      completion_tokens_(metrics.counter("retell_llm_tokens_total", tokens_help, {{"kind", "completion"}})) {}

void CallMetrics::note(const engine::CallEvent& event) {
  if (const auto* failed = std::get_if<engine::VendorFailed>(&event)) {
    metrics_
        .counter("retell_vendor_errors_total", "Failures of vendors at their work, seen by calls.",
                 {{"stage", failed->stage}, {"vendor", failed->vendor}})
        .add();
  } else if (const auto* ended = std::get_if<engine::CallEnded>(&event)) {
    note_end(*ended);
  }
}

void CallMetrics::note_end(const engine::CallEnded& ended) {
  metrics_
      .counter("retell_calls_total", "Calls that have ended, by how.",
               {{"reason", engine::disconnection_reason(ended.reason)}})
      .add();
  duration_.observe(std::chrono::duration<double>(ended.ended - ended.started).count());
  for (const auto& failover : ended.failovers) {
    metrics_
        .counter("retell_failovers_total", "Times that a call went on with the next vendor.",
                 {{"stage", stage_of(failover)}})
        .add();
  }
  prompt_tokens_.add(ended.prompt_tokens);
  completion_tokens_.add(ended.completion_tokens);
  note_waits(ended.latencies);
  note_media(ended.media);
}

void CallMetrics::note_waits(const std::vector<engine::TurnLatency>& turns) {
  for (const auto& turn : turns) {
    if (turn.heard_ms >= 0) heard_.observe(turn.heard_ms / 1000);
    if (turn.heard_ms >= 0 && waits_ != nullptr) waits_->add(turn.heard_ms);
    for (const auto& [stage, ms] : {std::pair{"end_of_turn", turn.end_of_turn_ms},
                                    {"transcript", turn.transcript_ms},
                                    {"model_first_token", turn.model_first_token_ms},
                                    {"first_clause", turn.first_clause_ms},
                                    {"synthesis_first_byte", turn.synthesis_first_byte_ms},
                                    {"transport", turn.transport_ms}}) {
      if (ms < 0) continue;
      metrics_
          .histogram("retell_turn_stage_seconds", "Where the time of retell_turn_heard_seconds went.", wait_bounds,
                     {{"stage", stage}})
          .observe(ms / 1000);
    }
  }
}

void CallMetrics::note_media(const engine::MediaCounters& media) {
  frames_in_.add(static_cast<double>(media.frames_in));
  frames_out_.add(static_cast<double>(media.frames_out));
  late_frames_.add(static_cast<double>(media.late_frames));
  cleared_bytes_.add(static_cast<double>(media.cleared_bytes));
  stale_events_.add(static_cast<double>(media.stale_events));
  worst_gap_.observe(media.worst_gap_ms / 1000);
}

}  // namespace retell::app
