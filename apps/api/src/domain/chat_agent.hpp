// An agent that chats: Retell's settings under Retell's names. Stored as the JSON that came; these structs say what it
// must look like. Plain values.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "domain/agent_parts.hpp"
#include "domain/analysis.hpp"
#include "domain/response_engine.hpp"
#include "json/read.hpp"
#include "json/schema.hpp"

namespace retell::domain {

enum class ChatPreset : std::uint8_t { chat_summary, chat_successful, user_sentiment };
BOOST_DESCRIBE_ENUM(ChatPreset, chat_summary, chat_successful, user_sentiment)

struct ChatPresetAnalysis {
  static constexpr std::string_view json_tag = "system-presets";
  ChatPreset name = ChatPreset::chat_summary;
  std::optional<std::string> description = {};
  std::optional<bool> required = {};
  std::optional<std::string> conditional_prompt = {};
};
BOOST_DESCRIBE_STRUCT(ChatPresetAnalysis, (), (name, description, required, conditional_prompt))

using PostChatAnalysis =
    std::variant<StringAnalysis, EnumAnalysis, BooleanAnalysis, NumberAnalysis, ChatPresetAnalysis>;

enum class ChatEvent : std::uint8_t { chat_started, chat_ended, chat_analyzed, transcript_updated };
BOOST_DESCRIBE_ENUM(ChatEvent, chat_started, chat_ended, chat_analyzed, transcript_updated)

struct ChatAgentSettings {
  ResponseEngine response_engine;
  std::optional<std::string> agent_name = {};
  std::optional<std::variant<std::string, std::vector<std::string>>> language = {};
  std::optional<std::string> timezone = {};
  std::optional<std::string> auto_close_message = {};
  std::optional<double> end_chat_after_silence_ms = {};  // 120000..259200000, 3600000
  std::optional<GuardrailConfig> guardrail_config = {};
  std::optional<HandbookConfig> handbook_config = {};
  std::optional<PiiConfig> pii_config = {};
  std::optional<std::vector<PostChatAnalysis>> post_chat_analysis_data = {};
  std::optional<std::string> post_chat_analysis_model = {};
  std::optional<std::string> webhook_url = {};
  std::optional<double> webhook_timeout_ms = {};
  std::optional<std::vector<ChatEvent>> webhook_events = {};
  std::optional<DataStorage> data_storage_setting = {};
  std::optional<double> data_storage_retention_days = {};  // 1..730
  std::optional<bool> opt_in_signed_url = {};
  std::optional<double> signed_url_expiration_ms = {};
  std::optional<std::string> version_title = {};
  std::optional<std::string> version_description = {};
};
BOOST_DESCRIBE_STRUCT(ChatAgentSettings, (),
                      (response_engine, agent_name, language, timezone, auto_close_message, end_chat_after_silence_ms,
                       guardrail_config, handbook_config, pii_config, post_chat_analysis_data, post_chat_analysis_model,
                       webhook_url, webhook_timeout_ms, webhook_events, data_storage_setting,
                       data_storage_retention_days, opt_in_signed_url, signed_url_expiration_ms, version_title,
                       version_description))

// Settings as they are to be stored; invalid names every field at fault.
struct CheckedChatAgent {
  json::Object settings;
  ResponseEngine response_engine;
};
[[nodiscard]] core::Result<CheckedChatAgent> check_chat_agent(const json::Value& body);
[[nodiscard]] core::Result<CheckedChatAgent> patch_chat_agent(const json::Object& settings, const json::Value& body);

}  // namespace retell::domain

extern template retell::json::Value retell::json::schema<retell::domain::ChatAgentSettings>(retell::json::SchemaBook&);
extern template retell::json::Value retell::json::patch_schema<retell::domain::ChatAgentSettings>(
    retell::json::SchemaBook&);
