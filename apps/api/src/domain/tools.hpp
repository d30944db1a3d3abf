// The tools that a Retell LLM may call, told apart by `type`. Members this program does not know are kept.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/analysis.hpp"
#include "json/traits.hpp"

namespace retell::domain {

using TextMap = std::map<std::string, std::string>;

enum class MessageType : std::uint8_t { prompt, static_text };
BOOST_DESCRIBE_ENUM(MessageType, prompt, static_text)

// What every tool that may speak while it runs has.
struct ToolCommon {
  std::string name;
  std::optional<std::string> description = {};
  std::optional<bool> speak_during_execution = {};
  std::optional<MessageType> execution_message_type = {};
  std::optional<std::string> execution_message_description = {};
};
BOOST_DESCRIBE_STRUCT(ToolCommon, (),
                      (name, description, speak_during_execution, execution_message_type,
                       execution_message_description))

struct EndCallTool : ToolCommon {
  static constexpr std::string_view json_tag = "end_call";
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(EndCallTool, (ToolCommon), ())

struct BridgeTransferTool : ToolCommon {
  static constexpr std::string_view json_tag = "bridge_transfer";
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(BridgeTransferTool, (ToolCommon), ())

struct CancelTransferTool : ToolCommon {
  static constexpr std::string_view json_tag = "cancel_transfer";
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(CancelTransferTool, (ToolCommon), ())

struct PredefinedDestination {
  static constexpr std::string_view json_tag = "predefined";
  std::string number;
  std::optional<std::string> extension = {};
};
BOOST_DESCRIBE_STRUCT(PredefinedDestination, (), (number, extension))

struct InferredDestination {
  static constexpr std::string_view json_tag = "inferred";
  std::string prompt;
};
BOOST_DESCRIBE_STRUCT(InferredDestination, (), (prompt))

enum class ColdTransferMode : std::uint8_t { sip_refer, sip_invite };
BOOST_DESCRIBE_ENUM(ColdTransferMode, sip_refer, sip_invite)

// The three ways to transfer differ in many small settings, all kept as given.
struct ColdTransfer {
  static constexpr std::string_view json_tag = "cold_transfer";
  std::optional<ColdTransferMode> cold_transfer_mode = {};
  std::optional<bool> show_transferee_as_caller = {};
  std::optional<double> transfer_ring_duration_ms = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(ColdTransfer, (), (cold_transfer_mode, show_transferee_as_caller, transfer_ring_duration_ms))

struct WarmTransfer {
  static constexpr std::string_view json_tag = "warm_transfer";
  std::optional<bool> show_transferee_as_caller = {};
  std::optional<double> transfer_ring_duration_ms = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(WarmTransfer, (), (show_transferee_as_caller, transfer_ring_duration_ms))

struct AgenticWarmTransfer {
  static constexpr std::string_view json_tag = "agentic_warm_transfer";
  json::Object agentic_transfer_config;
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(AgenticWarmTransfer, (), (agentic_transfer_config))

using TransferDestination = std::variant<PredefinedDestination, InferredDestination>;
using TransferOption = std::variant<ColdTransfer, WarmTransfer, AgenticWarmTransfer>;

struct TransferCallTool : ToolCommon {
  static constexpr std::string_view json_tag = "transfer_call";
  TransferDestination transfer_destination;
  TransferOption transfer_option;
  std::optional<TextMap> custom_sip_headers = {};
  std::optional<bool> ignore_e164_validation = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(TransferCallTool, (ToolCommon),
                      (transfer_destination, transfer_option, custom_sip_headers, ignore_e164_validation))

struct CalendarFields {
  std::string name;
  std::optional<std::string> description = {};
  std::string cal_api_key;
  std::variant<double, std::string> event_type_id;
  std::optional<std::string> timezone = {};
};
BOOST_DESCRIBE_STRUCT(CalendarFields, (), (name, description, cal_api_key, event_type_id, timezone))

struct CheckAvailabilityTool : CalendarFields {
  static constexpr std::string_view json_tag = "check_availability_cal";
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(CheckAvailabilityTool, (CalendarFields), ())

struct BookAppointmentTool : CalendarFields {
  static constexpr std::string_view json_tag = "book_appointment_cal";
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(BookAppointmentTool, (CalendarFields), ())

enum class SwapAnalysis : std::uint8_t { both_agents, only_destination_agent };
BOOST_DESCRIBE_ENUM(SwapAnalysis, both_agents, only_destination_agent)

enum class SwapWebhook : std::uint8_t { both_agents, only_destination_agent, only_source_agent };
BOOST_DESCRIBE_ENUM(SwapWebhook, both_agents, only_destination_agent, only_source_agent)

struct AgentSwapTool : ToolCommon {
  static constexpr std::string_view json_tag = "agent_swap";
  std::string agent_id;
  std::optional<std::variant<double, std::string>> agent_version = {};
  SwapAnalysis post_call_analysis_setting = SwapAnalysis::both_agents;
  std::optional<SwapWebhook> webhook_setting = {};
  std::optional<bool> keep_current_voice = {};
  std::optional<bool> keep_current_language = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(AgentSwapTool, (ToolCommon),
                      (agent_id, agent_version, post_call_analysis_setting, webhook_setting, keep_current_voice,
                       keep_current_language))

struct PressDigitTool {
  static constexpr std::string_view json_tag = "press_digit";
  std::string name;
  std::optional<std::string> description = {};
  std::optional<double> delay_ms = {};  // 0..5000, 1000
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(PressDigitTool, (), (name, description, delay_ms))

struct SendSmsTool : ToolCommon {
  static constexpr std::string_view json_tag = "send_sms";
  json::Object sms_content;
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(SendSmsTool, (ToolCommon), (sms_content))

enum class HttpMethod : std::uint8_t { GET, POST, PUT, PATCH, DELETE };
BOOST_DESCRIBE_ENUM(HttpMethod, GET, POST, PUT, PATCH, DELETE)

struct CustomTool : ToolCommon {
  static constexpr std::string_view json_tag = "custom";
  std::string url;
  std::optional<HttpMethod> method = {};  // POST
  std::optional<TextMap> headers = {};
  std::optional<TextMap> query_params = {};
  std::optional<json::Object> parameters = {};  // JSON Schema of the arguments
  std::optional<std::string> parameter_type = {};
  std::optional<bool> args_at_root = {};
  std::optional<TextMap> response_variables = {};
  std::optional<double> timeout_ms = {};  // 1000..600000, 120000
  std::optional<double> max_retry = {};   // 0..5, 0
  std::optional<bool> speak_after_execution = {};
  std::optional<bool> enable_typing_sound = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(CustomTool, (ToolCommon),
                      (url, method, headers, query_params, parameters, parameter_type, args_at_root, response_variables,
                       timeout_ms, max_retry, speak_after_execution, enable_typing_sound))

struct CodeTool : ToolCommon {
  static constexpr std::string_view json_tag = "code";
  std::string code;                       // at most 20000 characters
  std::optional<double> timeout_ms = {};  // 5000..60000, 30000
  std::optional<TextMap> response_variables = {};
  std::optional<bool> speak_after_execution = {};
  std::optional<bool> enable_typing_sound = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(CodeTool, (ToolCommon),
                      (code, timeout_ms, response_variables, speak_after_execution, enable_typing_sound))

struct ExtractVariableTool {
  static constexpr std::string_view json_tag = "extract_dynamic_variable";
  std::string name;
  std::string description;
  std::vector<ExtractedVariable> variables;
  std::optional<bool> enable_typing_sound = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(ExtractVariableTool, (), (name, description, variables, enable_typing_sound))

struct McpTool : ToolCommon {
  static constexpr std::string_view json_tag = "mcp";
  std::optional<std::string> mcp_id = {};
  std::optional<json::Object> input_schema = {};
  std::optional<TextMap> response_variables = {};
  std::optional<bool> speak_after_execution = {};
  std::optional<bool> enable_typing_sound = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(McpTool, (ToolCommon),
                      (mcp_id, input_schema, response_variables, speak_after_execution, enable_typing_sound))

using Tool = std::variant<EndCallTool, TransferCallTool, CheckAvailabilityTool, BookAppointmentTool, AgentSwapTool,
                          PressDigitTool, SendSmsTool, CustomTool, CodeTool, ExtractVariableTool, BridgeTransferTool,
                          CancelTransferTool, McpTool>;

[[nodiscard]] inline const std::string& tool_name(const Tool& tool) {
  return std::visit([](const auto& t) -> const std::string& { return t.name; }, tool);
}

}  // namespace retell::domain
