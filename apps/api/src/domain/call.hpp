// A call and its record, under Retell's names. Plain values; times are epoch milliseconds, word times seconds from the
// call's start, money cents.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "domain/agent_parts.hpp"
#include "domain/tools.hpp"
#include "json/read.hpp"
#include "json/write.hpp"

namespace retell::domain {

enum class CallType : std::uint8_t { web_call, phone_call };
BOOST_DESCRIBE_ENUM(CallType, web_call, phone_call)

enum class CallStatus : std::uint8_t { registered, not_connected, ongoing, ended, error };
BOOST_DESCRIBE_ENUM(CallStatus, registered, not_connected, ongoing, ended, error)

enum class Direction : std::uint8_t { inbound, outbound };
BOOST_DESCRIBE_ENUM(Direction, inbound, outbound)

enum class DisconnectionReason : std::uint8_t {
  user_hangup,
  agent_hangup,
  call_transfer,
  voicemail_reached,
  ivr_reached,
  inactivity,
  max_duration_reached,
  concurrency_limit_reached,
  no_concurrency_fallback,
  no_valid_payment,
  scam_detected,
  dial_busy,
  dial_failed,
  dial_no_answer,
  invalid_destination,
  telephony_provider_permission_denied,
  telephony_provider_unavailable,
  sip_routing_error,
  marked_as_spam,
  user_declined,
  error_llm_websocket_open,
  error_llm_websocket_lost_connection,
  error_llm_websocket_runtime,
  error_llm_websocket_corrupt_payload,
  error_no_audio_received,
  error_asr,
  error_retell,
  error_unknown,
  error_user_not_joined,
  registered_call_timeout,
  transfer_bridged,
  transfer_cancelled,
  manual_stopped,
  call_take_over
};
BOOST_DESCRIBE_ENUM(DisconnectionReason, user_hangup, agent_hangup, call_transfer, voicemail_reached, ivr_reached,
                    inactivity, max_duration_reached, concurrency_limit_reached, no_concurrency_fallback,
                    no_valid_payment, scam_detected, dial_busy, dial_failed, dial_no_answer, invalid_destination,
                    telephony_provider_permission_denied, telephony_provider_unavailable, sip_routing_error,
                    marked_as_spam, user_declined, error_llm_websocket_open, error_llm_websocket_lost_connection,
                    error_llm_websocket_runtime, error_llm_websocket_corrupt_payload, error_no_audio_received,
                    error_asr, error_retell, error_unknown, error_user_not_joined, registered_call_timeout,
                    transfer_bridged, transfer_cancelled, manual_stopped, call_take_over)

// `ended` or, for the error_ reasons and failed dialling, the status that Retell gives such a call.
[[nodiscard]] CallStatus status_after(DisconnectionReason reason, bool was_connected);

struct Word {
  std::string word;
  double start = 0;
  double end = 0;
};
BOOST_DESCRIBE_STRUCT(Word, (), (word, start, end))

enum class UtteranceRole : std::uint8_t { agent, user, transfer_target };
BOOST_DESCRIBE_ENUM(UtteranceRole, agent, user, transfer_target)

struct Utterance {
  UtteranceRole role = UtteranceRole::agent;
  std::string content;
  std::vector<Word> words;
};
BOOST_DESCRIBE_STRUCT(Utterance, (), (role, content, words))

// Values of one kind of waiting in a call, in milliseconds.
struct LatencyStats {
  double p50 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double min = 0;
  double max = 0;
  std::int64_t num = 0;
  std::vector<double> values;
};
BOOST_DESCRIBE_STRUCT(LatencyStats, (), (p50, p90, p95, p99, min, max, num, values))

// Nothing for no values. Percentiles interpolate linearly between neighbours.
[[nodiscard]] std::optional<LatencyStats> latency_stats(std::vector<double> values);

struct Latency {
  std::optional<LatencyStats> e2e = {};
  std::optional<LatencyStats> asr = {};
  std::optional<LatencyStats> llm = {};
  std::optional<LatencyStats> llm_websocket_network_rtt = {};
  std::optional<LatencyStats> tts = {};
  std::optional<LatencyStats> knowledge_base = {};
  std::optional<LatencyStats> s2s = {};
  json::Object unknown = {};  // ours: one breakdown per turn
};
BOOST_DESCRIBE_STRUCT(Latency, (), (e2e, asr, llm, llm_websocket_network_rtt, tts, knowledge_base, s2s))

struct ProductCost {
  std::string product;
  double cost = 0;
  std::optional<double> unit_price = {};
  std::optional<bool> is_transfer_leg_cost = {};
};
BOOST_DESCRIBE_STRUCT(ProductCost, (), (product, cost, unit_price, is_transfer_leg_cost))

struct CallCost {
  std::vector<ProductCost> product_costs;
  double total_duration_seconds = 0;
  double total_duration_unit_price = 0;
  double combined_cost = 0;
};
BOOST_DESCRIBE_STRUCT(CallCost, (), (product_costs, total_duration_seconds, total_duration_unit_price, combined_cost))

enum class Sentiment : std::uint8_t { Negative, Positive, Neutral, Unknown };
BOOST_DESCRIBE_ENUM(Sentiment, Negative, Positive, Neutral, Unknown)

struct CallAnalysis {
  std::optional<std::string> call_summary = {};
  std::optional<bool> in_voicemail = {};
  std::optional<Sentiment> user_sentiment = {};
  std::optional<bool> call_successful = {};
  std::optional<json::Value> custom_analysis_data = {};
};
BOOST_DESCRIBE_STRUCT(CallAnalysis, (),
                      (call_summary, in_voicemail, user_sentiment, call_successful, custom_analysis_data))

struct TokenUsage {
  std::vector<double> values;
  double average = 0;
  std::int64_t num_requests = 0;
};
BOOST_DESCRIBE_STRUCT(TokenUsage, (), (values, average, num_requests))

struct TelephonyIdentifier {
  std::optional<std::string> twilio_call_sid = {};
};
BOOST_DESCRIBE_STRUCT(TelephonyIdentifier, (), (twilio_call_sid))

// Members in the order in which Retell's two shapes (web and phone) print them; what a shape lacks stays empty.
struct Call {
  CallType call_type = CallType::web_call;
  std::optional<std::string> access_token = {};  // web
  std::string call_id;
  std::string agent_id;
  std::int32_t agent_version = 0;
  std::optional<std::string> agent_name = {};
  std::optional<std::string> agent_tag = {};
  CallStatus call_status = CallStatus::registered;
  std::optional<Direction> direction = {};      // phone
  std::optional<std::string> from_number = {};  // phone
  std::optional<std::string> to_number = {};    // phone
  std::optional<TelephonyIdentifier> telephony_identifier = {};
  std::optional<json::Value> metadata = {};  // any JSON, at most 50 kB
  std::optional<TextMap> retell_llm_dynamic_variables = {};
  std::optional<TextMap> collected_dynamic_variables = {};
  std::optional<TextMap> custom_sip_headers = {};
  std::optional<json::Object> custom_attributes = {};
  std::optional<DataStorage> data_storage_setting = {};
  std::optional<bool> opt_in_signed_url = {};
  std::optional<std::int64_t> start_timestamp = {};
  std::optional<std::int64_t> end_timestamp = {};
  std::optional<std::int64_t> duration_ms = {};
  std::optional<std::string> transfer_destination = {};
  std::optional<std::int64_t> transfer_end_timestamp = {};
  std::optional<std::string> transcript = {};
  std::optional<std::vector<Utterance>> transcript_object = {};
  std::optional<json::Array> transcript_with_tool_calls = {};
  std::optional<std::string> recording_url = {};
  std::optional<std::string> recording_multi_channel_url = {};
  std::optional<std::string> public_log_url = {};
  std::optional<DisconnectionReason> disconnection_reason = {};
  std::optional<Latency> latency = {};
  std::optional<CallCost> call_cost = {};
  std::optional<TokenUsage> llm_token_usage = {};
  std::optional<CallAnalysis> call_analysis = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(Call, (),
                      (call_type, access_token, call_id, agent_id, agent_version, agent_name, agent_tag, call_status,
                       direction, from_number, to_number, telephony_identifier, metadata, retell_llm_dynamic_variables,
                       collected_dynamic_variables, custom_sip_headers, custom_attributes, data_storage_setting,
                       opt_in_signed_url, start_timestamp, end_timestamp, duration_ms, transfer_destination,
                       transfer_end_timestamp, transcript, transcript_object, transcript_with_tool_calls, recording_url,
                       recording_multi_channel_url, public_log_url, disconnection_reason, latency, call_cost,
                       llm_token_usage, call_analysis))

// "Agent: …" and "User: …" lines.
[[nodiscard]] std::string transcript_text(const std::vector<Utterance>& utterances);

// The members that lists leave out.
void drop_transcripts(json::Object& call);

}  // namespace retell::domain

extern template retell::core::Result<retell::domain::Call> retell::json::read<retell::domain::Call>(
    const retell::json::Value&);
extern template retell::json::Value retell::json::write<retell::domain::Call>(const retell::domain::Call&);
