#include "services/call_record.hpp"

namespace retell::services {
namespace {

using engine::Utterance;

// Receivers that check signatures over what their own JSON printer makes of a body need numbers that all print alike:
// none with an exponent, few digits. A word's place is not known to less than a millisecond anyway.
double to_milliseconds(double seconds) { return std::round(seconds * 1000) / 1000; }

json::Array words_of(const std::vector<engine::TimedWord>& words) {
  json::Array list;
  for (const auto& word : words) {
    list.push_back({{"word", word.word},
                    {"start", json::write(to_milliseconds(word.start))},
                    {"end", json::write(to_milliseconds(word.end))}});
  }
  return list;
}

json::Object entry(const Utterance& utterance) {
  switch (utterance.role) {
    case Utterance::Role::agent:
      return {{"role", "agent"}, {"content", utterance.content}, {"words", words_of(utterance.words)}};
    case Utterance::Role::user:
      return {{"role", "user"}, {"content", utterance.content}, {"words", words_of(utterance.words)}};
    case Utterance::Role::tool_call_invocation:
      return {{"role", "tool_call_invocation"},
              {"tool_call_id", utterance.tool_call_id},
              {"name", utterance.name},
              {"arguments", utterance.arguments}};
    case Utterance::Role::tool_call_result:
      return {{"role", "tool_call_result"}, {"tool_call_id", utterance.tool_call_id}, {"content", utterance.content}};
    case Utterance::Role::dtmf:
      return {{"role", "dtmf"}, {"digit", utterance.content}};
  }
  return {};
}

template <class Pick>
std::optional<domain::LatencyStats> stats_of(const std::vector<engine::TurnLatency>& turns, Pick pick) {
  std::vector<double> values;
  for (const auto& turn : turns) {
    if (const double value = pick(turn); value >= 0) values.push_back(std::round(value * 10) / 10);
  }
  return domain::latency_stats(std::move(values));
}

json::Array breakdown(const std::vector<engine::TurnLatency>& turns) {
  json::Array list;
  for (const auto& turn : turns) {
    json::Object one{{"turn", turn.turn}};
    const auto add = [&](const char* name, double value) {
      if (value >= 0) one[name] = json::write(std::round(value * 10) / 10);
    };
    add("heard_ms", turn.heard_ms);
    add("end_of_turn_ms", turn.end_of_turn_ms);
    add("transcript_ms", turn.transcript_ms);
    add("model_first_token_ms", turn.model_first_token_ms);
    add("first_clause_ms", turn.first_clause_ms);
    add("synthesis_first_byte_ms", turn.synthesis_first_byte_ms);
    add("transport_ms", turn.transport_ms);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

domain::DisconnectionReason to_reason(engine::EndReason reason) {
  const auto known = json::enum_value<domain::DisconnectionReason>(engine::disconnection_reason(reason));
  return known.value_or(domain::DisconnectionReason::error_unknown);
}

void set_transcript(domain::Call& call, const std::vector<Utterance>& transcript) {
  std::vector<domain::Utterance> spoken;
  json::Array with_tools;
  for (const auto& utterance : transcript) {
    with_tools.push_back(entry(utterance));
    if (utterance.role != Utterance::Role::agent && utterance.role != Utterance::Role::user) continue;
    domain::Utterance line;
    line.role = utterance.role == Utterance::Role::agent ? domain::UtteranceRole::agent : domain::UtteranceRole::user;
    line.content = utterance.content;
    for (const auto& word : utterance.words)
      line.words.push_back({word.word, to_milliseconds(word.start), to_milliseconds(word.end)});
    spoken.push_back(std::move(line));
  }
  call.transcript = domain::transcript_text(spoken);
  call.transcript_object = std::move(spoken);
  call.transcript_with_tool_calls = std::move(with_tools);
}

std::optional<domain::Latency> to_latency(const std::vector<engine::TurnLatency>& turns) {
  if (turns.empty()) return std::nullopt;
  domain::Latency latency;
  latency.e2e = stats_of(turns, [](const auto& turn) { return turn.heard_ms; });
  latency.asr = stats_of(turns, [](const auto& turn) { return turn.transcript_ms; });
  latency.llm = stats_of(turns, [](const auto& turn) { return turn.model_first_token_ms; });
  latency.tts = stats_of(turns, [](const auto& turn) { return turn.synthesis_first_byte_ms; });
  latency.unknown["turns"] = breakdown(turns);
  return latency;
}

void finish_call(domain::Call& call, const engine::CallEnded& ended) {
  set_transcript(call, ended.transcript);
  call.start_timestamp = core::epoch_ms(ended.started);
  call.end_timestamp = core::epoch_ms(ended.ended);
  call.duration_ms = *call.end_timestamp - *call.start_timestamp;
  call.disconnection_reason = to_reason(ended.reason);
  call.call_status = domain::status_after(*call.disconnection_reason, true);
  call.latency = to_latency(ended.latencies);
  call.collected_dynamic_variables = domain::TextMap{};
  if (const int tokens = ended.prompt_tokens + ended.completion_tokens; tokens > 0) {
    const auto requests = std::max<std::int64_t>(static_cast<std::int64_t>(ended.latencies.size()), 1);
    const double average = static_cast<double>(tokens) / static_cast<double>(requests);
    call.llm_token_usage = domain::TokenUsage{{static_cast<double>(tokens)}, std::round(average * 100) / 100, requests};
  }
  // Nobody is billed: the operator pays the vendors.
  const double seconds = std::ceil(static_cast<double>(*call.duration_ms) / 1000);
  call.call_cost = domain::CallCost{{}, seconds, 0, 0};
}

void finish_unconnected(domain::Call& call, domain::DisconnectionReason reason, std::int64_t now_ms) {
  call.disconnection_reason = reason;
  call.call_status = domain::status_after(reason, call.start_timestamp.has_value());
  call.end_timestamp = now_ms;
  if (call.start_timestamp) call.duration_ms = now_ms - *call.start_timestamp;
}

bool keeps_content(const domain::Call& call) {
  return call.data_storage_setting != domain::DataStorage::basic_attributes_only;
}

void strip_content(domain::Call& call) {
  call.transcript.reset();
  call.transcript_object.reset();
  call.transcript_with_tool_calls.reset();
  call.recording_url.reset();
  call.recording_multi_channel_url.reset();
}

std::optional<std::int64_t> expiry(const domain::AgentSettings& agent, std::int64_t ended_ms) {
  if (!agent.data_storage_retention_days) return std::nullopt;
  constexpr double day_ms = 24.0 * 60 * 60 * 1'000;
  return ended_ms + static_cast<std::int64_t>(*agent.data_storage_retention_days * day_ms);
}

domain::CallAnalysis basic_analysis(const domain::Call& call) {
  using enum domain::DisconnectionReason;
  const auto reason = call.disconnection_reason.value_or(error_unknown);
  domain::CallAnalysis analysis;
  analysis.in_voicemail = reason == voicemail_reached;
  analysis.user_sentiment = domain::Sentiment::Unknown;
  analysis.call_successful = call.call_status == domain::CallStatus::ended &&
                             (reason == user_hangup || reason == agent_hangup || reason == call_transfer);
  analysis.custom_analysis_data = json::Object{};
  return analysis;
}

}  // namespace retell::services
