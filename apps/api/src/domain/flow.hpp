// Conversation flows and the components they are made of: what may be saved. Stored as the JSON that came, so that what
// this program does not know stays; these structs say what it must look like. Plain values.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "domain/flow_nodes.hpp"
#include "domain/llm.hpp"
#include "domain/references.hpp"
#include "json/read.hpp"
#include "json/schema.hpp"

namespace retell::domain {

// A tool of a flow or component: the nodes refer to its tool_id.
struct CustomFlowTool : CustomTool {
  std::optional<std::string> tool_id = {};
};
BOOST_DESCRIBE_STRUCT(CustomFlowTool, (CustomTool), (tool_id))
struct CheckAvailabilityFlowTool : CheckAvailabilityTool {
  std::optional<std::string> tool_id = {};
};
BOOST_DESCRIBE_STRUCT(CheckAvailabilityFlowTool, (CheckAvailabilityTool), (tool_id))
struct BookAppointmentFlowTool : BookAppointmentTool {
  std::optional<std::string> tool_id = {};
};
BOOST_DESCRIBE_STRUCT(BookAppointmentFlowTool, (BookAppointmentTool), (tool_id))
using FlowTool = std::variant<CustomFlowTool, CheckAvailabilityFlowTool, BookAppointmentFlowTool>;

struct FlowNote {
  std::string id;
  std::optional<std::string> content = {};
  std::optional<Position> display_position = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(FlowNote, (), (id, content, display_position))

// An MCP server, which nodes refer to by its id, or by its name when it has none.
struct FlowMcp : McpServer {
  std::optional<std::string> id = {};
};
BOOST_DESCRIBE_STRUCT(FlowMcp, (McpServer), (id))

// What flows and components have in common.
struct FlowGraph {
  std::vector<FlowNode> nodes;
  std::optional<std::string> start_node_id = {};
  std::optional<std::vector<FlowTool>> tools = {};
  std::optional<std::vector<FlowMcp>> mcps = {};
  std::optional<bool> flex_mode = {};
  std::optional<std::vector<FlowNote>> notes = {};
  std::optional<Position> begin_tag_display_position = {};
};
BOOST_DESCRIBE_STRUCT(FlowGraph, (), (nodes, start_node_id, tools, mcps, flex_mode, notes, begin_tag_display_position))

struct FlowComponent : FlowGraph {
  std::string name;
  std::optional<std::string> conversation_flow_component_id = {};  // of one inside a flow
};
BOOST_DESCRIBE_STRUCT(FlowComponent, (FlowGraph), (name, conversation_flow_component_id))

struct FlowSettings : FlowGraph {
  ModelChoice model_choice;
  Speaker start_speaker = Speaker::agent;
  std::optional<std::string> global_prompt = {};
  std::optional<double> model_temperature = {};
  std::optional<bool> tool_call_strict_mode = {};
  std::optional<TextMap> default_dynamic_variables = {};
  std::optional<std::vector<std::string>> knowledge_base_ids = {};
  std::optional<KnowledgeConfig> kb_config = {};
  std::optional<std::vector<FlowComponent>> components = {};
  std::optional<double> begin_after_user_silence_ms = {};
  std::optional<bool> is_transfer_cf = {};
};
BOOST_DESCRIBE_STRUCT(FlowSettings, (FlowGraph),
                      (model_choice, start_speaker, global_prompt, model_temperature, tool_call_strict_mode,
                       default_dynamic_variables, knowledge_base_ids, kb_config, components,
                       begin_after_user_silence_ms, is_transfer_cf))

// Settings as they are to be stored: checked in full, nulls at the top gone. invalid names every field at fault, such
// as nodes[3].edges[0].destination_node_id.
struct CheckedFlow {
  json::Object settings;
  References references;  // of a patch: those in the members that it names
};
[[nodiscard]] core::Result<CheckedFlow> check_flow(const json::Value& body);
[[nodiscard]] core::Result<CheckedFlow> patch_flow(const json::Object& settings, const json::Value& body);
[[nodiscard]] core::Result<CheckedFlow> check_component(const json::Value& body);
[[nodiscard]] core::Result<CheckedFlow> patch_component(const json::Object& settings, const json::Value& body);

}  // namespace retell::domain

extern template retell::json::Value retell::json::schema<retell::domain::FlowSettings>(retell::json::SchemaBook&);
extern template retell::json::Value retell::json::schema<retell::domain::FlowComponent>(retell::json::SchemaBook&);
extern template retell::json::Value retell::json::patch_schema<retell::domain::FlowSettings>(retell::json::SchemaBook&);
extern template retell::json::Value retell::json::patch_schema<retell::domain::FlowComponent>(
    retell::json::SchemaBook&);
