#include "domain/flow_checks.hpp"

#include "domain/prompt_size.hpp"
#include "domain/rules.hpp"
#include "domain/tool_checks.hpp"

namespace retell::domain {
namespace {

constexpr std::size_t most_equations = 50;  // Retell's
constexpr std::size_t most_nodes = 2'000;
constexpr std::size_t longest_code = 20'000;

std::string item(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

// A flow's tool without its tool_id.
Tool plain(const CustomFlowTool& tool) { return static_cast<const CustomTool&>(tool); }
Tool plain(const CheckAvailabilityFlowTool& tool) { return static_cast<const CheckAvailabilityTool&>(tool); }
Tool plain(const BookAppointmentFlowTool& tool) { return static_cast<const BookAppointmentTool&>(tool); }

class GraphCheck {
 public:
  GraphCheck(json::Problems& problems, const std::string& prefix, const FlowGraph& graph, const GraphPlace& place,
             References& references)
      : problems_(problems), prefix_(prefix), graph_(graph), place_(place), references_(references) {}

  void run() {
    if (graph_.nodes.size() > most_nodes) return problems_.add(prefix_ + "nodes", "must be at most 2000");
    if (graph_.nodes.empty()) problems_.add(prefix_ + "nodes", "must not be empty: a conversation begins in a node");
    collect_nodes();
    collect_tools();
    collect_mcps();
    if (graph_.start_node_id && !nodes_.contains(*graph_.start_node_id)) {
      problems_.add(prefix_ + "start_node_id", "names no node");
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      at_ = prefix_ + item("nodes", i);
      std::visit([this](const auto& node) { check_node(node); }, graph_.nodes[i]);
    }
  }

 private:
  void collect_nodes() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto& id = std::visit([](const auto& node) -> const std::string& { return node.id; }, graph_.nodes[i]);
      const auto at = prefix_ + item("nodes", i) + ".id";
      if (id.empty()) problems_.add(at, "must not be empty");
      if (!nodes_.insert(id).second) problems_.add(at, "is used twice");
    }
  }

  void collect_tools() {
    std::set<std::string> names;
    for (std::size_t i = 0; graph_.tools && i < graph_.tools->size(); ++i) {
      const auto at = prefix_ + item("tools", i);
      std::visit(
          [&](const auto& tool) {
            check_tool(problems_, at, plain(tool));
            if (!names.insert(tool.name).second) problems_.add(at + ".name", "is used twice");
            if (tool.tool_id && !tools_.insert(*tool.tool_id).second) problems_.add(at + ".tool_id", "is used twice");
          },
          (*graph_.tools)[i]);
    }
  }

  void collect_mcps() {
    for (std::size_t i = 0; graph_.mcps && i < graph_.mcps->size(); ++i) {
      const auto& server = (*graph_.mcps)[i];
      const auto at = prefix_ + item("mcps", i);
      check_address(problems_, at + ".url", server.url);
      if (!mcps_.insert(server.id.value_or(server.name)).second) problems_.add(at, "is there twice");
    }
  }

  void check_edge(const std::string& at, const FlowEdge& edge) {
    if (edge.id.empty()) problems_.add(at + ".id", "must not be empty");
    if (!edges_.insert(edge.id).second) problems_.add(at + ".id", "is used twice in this node");
    if (edge.destination_node_id && !nodes_.contains(*edge.destination_node_id)) {
      problems_.add(at + ".destination_node_id", "names no node");
    }
    const auto* equation = std::get_if<EquationCondition>(&edge.transition_condition);
    if (equation == nullptr) return;
    const auto where = at + ".transition_condition.equations";
    if (equation->equations.empty() || equation->equations.size() > most_equations) {
      problems_.add(where, "must be 1 to 50");
    }
    for (std::size_t i = 0; i < equation->equations.size(); ++i) {
      const auto& one = equation->equations[i];
      const bool alone = one.operator_ == Comparison::exists || one.operator_ == Comparison::not_exist;
      if (one.left.empty()) problems_.add(item(where, i) + ".left", "must not be empty");
      if (!alone && !one.right) problems_.add(item(where, i) + ".right", "is required");
    }
  }

  // An edge that is taken without judging, whose condition is a fixed word.
  void check_fixed(const std::string& name, const std::optional<FlowEdge>& edge, std::string_view word) {
    if (!edge) return;
    check_edge(at_ + name, *edge);
    const auto* judged = std::get_if<PromptCondition>(&edge->transition_condition);
    const auto* equation = std::get_if<EquationCondition>(&edge->transition_condition);
    const auto prompt = judged != nullptr ? std::optional(judged->prompt) : equation->prompt;
    if (prompt && *prompt != word) {
      problems_.add(at_ + name + ".transition_condition.prompt", "must be \"" + std::string(word) + "\"");
    }
  }

  void check_edges(const std::string& at, const std::optional<std::vector<FlowEdge>>& edges) {
    for (std::size_t i = 0; edges && i < edges->size(); ++i) check_edge(item(at, i), (*edges)[i]);
  }

  void check_global(const std::optional<GlobalNodeSetting>& global) {
    if (!global) return;
    const auto at = at_ + ".global_node_setting";
    if (global->condition.empty()) problems_.add(at + ".condition", "must not be empty");
    check_at_least(problems_, at + ".cool_down", global->cool_down, 1);
    check_edges(at + ".go_back_conditions", global->go_back_conditions);
  }

  template <class... Kinds>
  void check_instruction(const std::variant<Kinds...>& instruction) {
    const auto* prompt = std::get_if<PromptInstruction>(&instruction);
    if (prompt == nullptr) return;
    check_prompt(problems_, at_ + ".instruction.text", prompt->text, place_.prompt_tokens,
                 place_.prompt_tokens > 0 ? "global_prompt" : "");
  }
  void check_instruction(const std::optional<Instruction>& instruction) {
    if (instruction) check_instruction(*instruction);
  }

  void check_talking(const Talking& talking) {
    check_range(problems_, at_ + ".interruption_sensitivity", talking.interruption_sensitivity, 0, 1);
    check_range(problems_, at_ + ".responsiveness", talking.responsiveness, 0, 1);
    check_range(problems_, at_ + ".voice_speed", talking.voice_speed, 0.5, 2);
    check_at_least(problems_, at_ + ".reminder_trigger_ms", talking.reminder_trigger_ms, 1);
    check_at_least(problems_, at_ + ".reminder_max_count", talking.reminder_max_count, 0);
    check_knowledge(problems_, at_ + ".kb_config", talking.kb_config);
    if (talking.custom_stt_config && talking.stt_mode != SttMode::custom) {
      problems_.add(at_ + ".custom_stt_config", "needs stt_mode \"custom\"");
    }
    add_names(references_.knowledge_bases, at_ + ".knowledge_base_ids",
              talking.knowledge_base_ids.value_or(std::vector<std::string>{}));
  }

  // Members that several kinds of nodes share.
  template <class Node>
  void check_node(const Node& node) {
    edges_.clear();
    check_global(node.global_node_setting);
    if constexpr (requires { node.instruction; }) check_instruction(node.instruction);
    if constexpr (requires { node.edges; }) check_edges(at_ + ".edges", node.edges);
    if constexpr (requires { node.else_edge; }) check_fixed(".else_edge", node.else_edge, "Else");
    if constexpr (requires { node.edge; }) check_fixed(".edge", node.edge, "Transfer failed");
    if constexpr (std::is_base_of_v<Talking, Node>) {
      check_fixed(".always_edge", node.always_edge, "Always");
      check_fixed(".skip_response_edge", node.skip_response_edge, "Skip response");
      check_talking(node);
    }
    check_own(node);
  }

  // Members of one kind alone.
  void check_own(const NodeCommon&) {}
  void check_own(const SubagentNode& node) {
    check_tools(problems_, at_ + ".tools", node.tools);
    add_agents(references_, at_ + ".tools", node.tools);
    for (std::size_t i = 0; node.tool_ids && i < node.tool_ids->size(); ++i) {
      if (!tools_.contains((*node.tool_ids)[i])) problems_.add(item(at_ + ".tool_ids", i), "names no tool of the flow");
    }
  }
  void check_own(const FunctionNode& node) {
    if (node.tool_type == Sharing::shared) {
      problems_.add(at_ + ".tool_type", "there are no shared tools on this server; put the tool into the flow");
    } else if (!tools_.contains(node.tool_id)) {
      problems_.add(at_ + ".tool_id", "names no tool of the flow");
    }
  }
  void check_own(const CodeNode& node) {
    check_text(problems_, at_ + ".code", node.code, longest_code);
    check_range(problems_, at_ + ".timeout_ms", node.timeout_ms, 5'000, 60'000);
  }
  void check_own(const McpNode& node) {
    if (!mcps_.contains(node.mcp_id)) problems_.add(at_ + ".mcp_id", "names no MCP server of the flow");
    if (node.mcp_tool_name.empty()) problems_.add(at_ + ".mcp_tool_name", "must not be empty");
  }
  void check_own(const ExtractNode& node) { check_variables(problems_, at_, node.variables); }
  void check_own(const PressDigitNode& node) { check_range(problems_, at_ + ".delay_ms", node.delay_ms, 0, 5'000); }
  void check_own(const SmsNode& node) {
    check_fixed(".success_edge", node.success_edge, "Sent successfully");
    check_fixed(".failed_edge", node.failed_edge, "Failed to send");
  }
  void check_own(const TransferCallNode& node) {
    check_transfer(problems_, at_, node.transfer_destination, node.transfer_option, node.ignore_e164_validation);
    add_agents(references_, at_, node.transfer_option);
  }
  void check_own(const AgentSwapNode& node) { add_agent(references_, at_, node.agent_id); }
  void check_own(const BridgeTransferNode&) { check_transfers(); }
  void check_own(const CancelTransferNode&) { check_transfers(); }
  void check_transfers() {
    if (!place_.transfers) problems_.add(at_ + ".type", "is for transfer agents alone: set is_transfer_cf");
  }
  void check_own(const ComponentNode& node) {
    if (node.component_type == Sharing::shared)
      references_.shared_components.emplace_back(at_ + ".component_id", node.component_id);
    else if (!place_.components.contains(node.component_id))
      problems_.add(at_ + ".component_id", "names no component of the flow");
  }

  json::Problems& problems_;
  const std::string& prefix_;
  const FlowGraph& graph_;
  const GraphPlace& place_;
  References& references_;
  std::set<std::string> nodes_;  // ids
  std::set<std::string> tools_;  // ids
  std::set<std::string> mcps_;
  std::set<std::string> edges_;  // ids of the node that is looked at
  std::string at_;               // its path
};

}  // namespace

void check_graph(json::Problems& problems, const std::string& prefix, const FlowGraph& graph, const GraphPlace& place,
                 References& references) {
  GraphCheck(problems, prefix, graph, place, references).run();
}

void check_knowledge(json::Problems& problems, const std::string& at, const std::optional<KnowledgeConfig>& config) {
  if (!config) return;
  check_range(problems, at + ".top_k", config->top_k, 1, 10);
  check_range(problems, at + ".filter_score", config->filter_score, 0, 1);
}

}  // namespace retell::domain
