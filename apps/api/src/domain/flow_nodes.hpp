// The fifteen kinds of nodes of a conversation flow, told apart by `type`.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/agent_parts.hpp"
#include "domain/analysis.hpp"
#include "domain/flow_edges.hpp"
#include "domain/llm.hpp"
#include "domain/tools.hpp"

namespace retell::domain {

struct Position {
  std::optional<double> x = {};
  std::optional<double> y = {};
};
BOOST_DESCRIBE_STRUCT(Position, (), (x, y))

struct CascadingModel {
  static constexpr std::string_view json_tag = "cascading";
  std::string model;  // open text, as a Retell LLM's
  std::optional<bool> high_priority = {};
};
BOOST_DESCRIBE_STRUCT(CascadingModel, (), (model, high_priority))
using ModelChoice = std::variant<CascadingModel>;

struct PromptInstruction {
  static constexpr std::string_view json_tag = "prompt";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(PromptInstruction, (), (text))

struct StaticInstruction {
  static constexpr std::string_view json_tag = "static_text";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(StaticInstruction, (), (text))

enum class SmsTemplate : std::uint8_t { info_collection };
BOOST_DESCRIBE_ENUM(SmsTemplate, info_collection)

struct TemplateInstruction {
  static constexpr std::string_view json_tag = "template";
  SmsTemplate template_ = SmsTemplate::info_collection;
};
BOOST_DESCRIBE_STRUCT(TemplateInstruction, (), (template_))

using Instruction = std::variant<PromptInstruction, StaticInstruction>;
using PromptOnly = std::variant<PromptInstruction>;
using SmsInstruction = std::variant<PromptInstruction, StaticInstruction, TemplateInstruction>;

struct NodeCommon {
  std::string id;
  std::optional<std::string> name = {};
  std::optional<Position> display_position = {};
  std::optional<ModelChoice> model_choice = {};
  std::optional<GlobalNodeSetting> global_node_setting = {};
};
BOOST_DESCRIBE_STRUCT(NodeCommon, (), (id, name, display_position, model_choice, global_node_setting))

// Nodes that go on where an edge's condition holds.
struct Branching {
  std::optional<std::vector<FlowEdge>> edges = {};
  std::optional<std::vector<TransitionExample>> finetune_transition_examples = {};
};
BOOST_DESCRIBE_STRUCT(Branching, (), (edges, finetune_transition_examples))

struct MaybeElse {
  std::optional<FlowEdge> else_edge = {};
};
BOOST_DESCRIBE_STRUCT(MaybeElse, (), (else_edge))

// Nodes that talk with the caller, with what they change of the agent's settings.
struct Talking {
  std::optional<FlowEdge> always_edge = {};
  std::optional<FlowEdge> skip_response_edge = {};
  std::optional<double> interruption_sensitivity = {};
  std::optional<double> responsiveness = {};
  std::optional<double> voice_speed = {};
  std::optional<double> reminder_trigger_ms = {};
  std::optional<double> reminder_max_count = {};
  std::optional<SttMode> stt_mode = {};
  std::optional<CustomSttConfig> custom_stt_config = {};
  std::optional<bool> allow_dtmf_interruption = {};
  std::optional<std::vector<std::string>> knowledge_base_ids = {};
  std::optional<KnowledgeConfig> kb_config = {};
  std::optional<std::vector<ConversationExample>> finetune_conversation_examples = {};
};
BOOST_DESCRIBE_STRUCT(Talking, (),
                      (always_edge, skip_response_edge, interruption_sensitivity, responsiveness, voice_speed,
                       reminder_trigger_ms, reminder_max_count, stt_mode, custom_stt_config, allow_dtmf_interruption,
                       knowledge_base_ids, kb_config, finetune_conversation_examples))

// What nodes say while they act.
struct Speaking {
  std::optional<Instruction> instruction = {};
  std::optional<bool> speak_during_execution = {};
};
BOOST_DESCRIBE_STRUCT(Speaking, (), (instruction, speak_during_execution))

struct ConversationNode : NodeCommon, Branching, MaybeElse, Talking {
  static constexpr std::string_view json_tag = "conversation";
  Instruction instruction;
};
BOOST_DESCRIBE_STRUCT(ConversationNode, (NodeCommon, Branching, MaybeElse, Talking), (instruction))

struct SubagentNode : NodeCommon, Branching, MaybeElse, Talking {
  static constexpr std::string_view json_tag = "subagent";
  PromptOnly instruction;
  std::optional<std::vector<Tool>> tools = {};
  std::optional<std::vector<std::string>> tool_ids = {};
};
BOOST_DESCRIBE_STRUCT(SubagentNode, (NodeCommon, Branching, MaybeElse, Talking), (instruction, tools, tool_ids))

enum class Sharing : std::uint8_t { local, shared };
BOOST_DESCRIBE_ENUM(Sharing, local, shared)

struct FunctionNode : NodeCommon, Branching, MaybeElse, Speaking {
  static constexpr std::string_view json_tag = "function";
  std::string tool_id;
  Sharing tool_type = Sharing::local;
  bool wait_for_result = true;
  std::optional<bool> enable_typing_sound = {};
};
BOOST_DESCRIBE_STRUCT(FunctionNode, (NodeCommon, Branching, MaybeElse, Speaking),
                      (tool_id, tool_type, wait_for_result, enable_typing_sound))

struct CodeNode : NodeCommon, Branching, MaybeElse, Speaking {
  static constexpr std::string_view json_tag = "code";
  std::string code;
  bool wait_for_result = true;
  std::optional<TextMap> response_variables = {};
  std::optional<double> timeout_ms = {};
  std::optional<bool> enable_typing_sound = {};
};
BOOST_DESCRIBE_STRUCT(CodeNode, (NodeCommon, Branching, MaybeElse, Speaking),
                      (code, wait_for_result, response_variables, timeout_ms, enable_typing_sound))

struct McpNode : NodeCommon, Branching, MaybeElse, Speaking {
  static constexpr std::string_view json_tag = "mcp";
  std::string mcp_id;
  std::string mcp_tool_name;
  bool wait_for_result = true;
  std::optional<TextMap> response_variables = {};
  std::optional<bool> enable_typing_sound = {};
};
BOOST_DESCRIBE_STRUCT(McpNode, (NodeCommon, Branching, MaybeElse, Speaking),
                      (mcp_id, mcp_tool_name, wait_for_result, response_variables, enable_typing_sound))

struct ExtractNode : NodeCommon, Branching, MaybeElse {
  static constexpr std::string_view json_tag = "extract_dynamic_variables";
  std::vector<ExtractedVariable> variables;
  std::optional<bool> enable_typing_sound = {};
};
BOOST_DESCRIBE_STRUCT(ExtractNode, (NodeCommon, Branching, MaybeElse), (variables, enable_typing_sound))

struct BranchNode : NodeCommon, Branching {
  static constexpr std::string_view json_tag = "branch";
  FlowEdge else_edge;
};
BOOST_DESCRIBE_STRUCT(BranchNode, (NodeCommon, Branching), (else_edge))

struct PressDigitNode : NodeCommon, Branching, MaybeElse {
  static constexpr std::string_view json_tag = "press_digit";
  PromptOnly instruction;
  std::optional<double> delay_ms = {};
};
BOOST_DESCRIBE_STRUCT(PressDigitNode, (NodeCommon, Branching, MaybeElse), (instruction, delay_ms))

struct TransferCallNode : NodeCommon, Speaking {
  static constexpr std::string_view json_tag = "transfer_call";
  TransferDestination transfer_destination;
  TransferOption transfer_option;
  FlowEdge edge;  // when the transfer failed
  std::optional<TextMap> custom_sip_headers = {};
  std::optional<bool> ignore_e164_validation = {};
};
BOOST_DESCRIBE_STRUCT(TransferCallNode, (NodeCommon, Speaking),
                      (transfer_destination, transfer_option, edge, custom_sip_headers, ignore_e164_validation))

struct AgentSwapNode : NodeCommon, Speaking {
  static constexpr std::string_view json_tag = "agent_swap";
  std::string agent_id;
  SwapAnalysis post_call_analysis_setting = SwapAnalysis::both_agents;
  FlowEdge edge;  // when the swap failed
  std::optional<std::variant<double, std::string>> agent_version = {};
  std::optional<SwapWebhook> webhook_setting = {};
  std::optional<bool> keep_current_voice = {};
  std::optional<bool> keep_current_language = {};
};
BOOST_DESCRIBE_STRUCT(AgentSwapNode, (NodeCommon, Speaking),
                      (agent_id, post_call_analysis_setting, edge, agent_version, webhook_setting, keep_current_voice,
                       keep_current_language))

struct SmsNode : NodeCommon {
  static constexpr std::string_view json_tag = "sms";
  SmsInstruction instruction;
  FlowEdge success_edge;
  FlowEdge failed_edge;
};
BOOST_DESCRIBE_STRUCT(SmsNode, (NodeCommon), (instruction, success_edge, failed_edge))

struct EndNode : NodeCommon, Speaking {
  static constexpr std::string_view json_tag = "end";
};
BOOST_DESCRIBE_STRUCT(EndNode, (NodeCommon, Speaking), ())

struct ComponentNode : NodeCommon, Branching {
  static constexpr std::string_view json_tag = "component";
  std::string component_id;
  Sharing component_type = Sharing::local;
  FlowEdge else_edge;
};
BOOST_DESCRIBE_STRUCT(ComponentNode, (NodeCommon, Branching), (component_id, component_type, else_edge))

struct BridgeTransferNode : NodeCommon, Speaking {
  static constexpr std::string_view json_tag = "bridge_transfer";
};
BOOST_DESCRIBE_STRUCT(BridgeTransferNode, (NodeCommon, Speaking), ())

struct CancelTransferNode : NodeCommon, Speaking {
  static constexpr std::string_view json_tag = "cancel_transfer";
};
BOOST_DESCRIBE_STRUCT(CancelTransferNode, (NodeCommon, Speaking), ())

using FlowNode = std::variant<ConversationNode, SubagentNode, EndNode, FunctionNode, CodeNode, TransferCallNode,
                              PressDigitNode, BranchNode, SmsNode, ExtractNode, AgentSwapNode, McpNode, ComponentNode,
                              BridgeTransferNode, CancelTransferNode>;

}  // namespace retell::domain
