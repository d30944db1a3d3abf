#include "domain/call.hpp"

#include <algorithm>
#include <cmath>

template retell::core::Result<retell::domain::Call> retell::json::read<retell::domain::Call>(
    const retell::json::Value&);
template retell::json::Value retell::json::write<retell::domain::Call>(const retell::domain::Call&);

namespace retell::domain {

CallStatus status_after(DisconnectionReason reason, bool was_connected) {
  if (json::enum_name(reason).starts_with("error_")) return CallStatus::error;
  return was_connected ? CallStatus::ended : CallStatus::not_connected;
}

std::optional<LatencyStats> latency_stats(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  LatencyStats stats;
  stats.values = values;
  std::sort(values.begin(), values.end());
  const auto percentile = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto above = std::min(below + 1, values.size() - 1);
    const double exact = values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
    return std::round(exact * 100) / 100;
  };
  stats.p50 = percentile(0.50);
  stats.p90 = percentile(0.90);
  stats.p95 = percentile(0.95);
  stats.p99 = percentile(0.99);
  stats.min = values.front();
  stats.max = values.back();
  stats.num = static_cast<std::int64_t>(values.size());
  return stats;
}

std::string transcript_text(const std::vector<Utterance>& utterances) {
  std::string text;
  for (const auto& utterance : utterances) {
    switch (utterance.role) {
      case UtteranceRole::agent:
        text += "Agent: ";
        break;
      case UtteranceRole::user:
        text += "User: ";
        break;
      case UtteranceRole::transfer_target:
        text += "Transfer Target: ";
        break;
    }
    text += utterance.content;
    text.push_back('\n');
  }
  return text;
}

void drop_transcripts(json::Object& call) {
  for (const auto* name :
       {"transcript", "transcript_object", "transcript_with_tool_calls", "scrubbed_transcript_with_tool_calls"}) {
    if (const auto it = call.find(name); it != call.end()) call.stable_erase(it);
  }
}

}  // namespace retell::domain
