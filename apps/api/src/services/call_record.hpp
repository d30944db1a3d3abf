// What the engine reports, as the API shows it. Pure.
#pragma once
#include <optional>
#include <vector>

#include "domain/agent.hpp"
#include "domain/call.hpp"
#include "engine/call_event.hpp"

namespace retell::services {

[[nodiscard]] domain::DisconnectionReason to_reason(engine::EndReason reason);

// transcript, transcript_object and transcript_with_tool_calls.
void set_transcript(domain::Call& call, const std::vector<engine::Utterance>& transcript);

// Retell's groups, and under `turns` our breakdown of each turn.
[[nodiscard]] std::optional<domain::Latency> to_latency(const std::vector<engine::TurnLatency>& turns);

// Everything that the end of a call settles, but for the recording's links.
void finish_call(domain::Call& call, const engine::CallEnded& ended);

// A call that never had media: it ends as it was, at `now_ms`.
void finish_unconnected(domain::Call& call, domain::DisconnectionReason reason, std::int64_t now_ms);

// Whether the call's settings allow what was said to be kept.
[[nodiscard]] bool keeps_content(const domain::Call& call);

// Takes out all that was said, and all links to it.
void strip_content(domain::Call& call);

// When the call is to be deleted; nothing: never.
[[nodiscard]] std::optional<std::int64_t> expiry(const domain::AgentSettings& agent, std::int64_t ended_ms);

// What can be said of a call without a model: whether it ended in the ordinary way, and whether voicemail answered.
[[nodiscard]] domain::CallAnalysis basic_analysis(const domain::Call& call);

}  // namespace retell::services
