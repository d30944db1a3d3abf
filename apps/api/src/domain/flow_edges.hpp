// How a conversation moves from node to node.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "json/traits.hpp"

namespace retell::domain {

enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  greater,
  at_least,
  less,
  at_most,
  contains,
  not_contains,
  exists,
  not_exist
};
constexpr auto wire_names(Comparison) {
  using enum Comparison;
  return std::to_array<std::pair<Comparison, std::string_view>>({{equal, "=="},
                                                                 {not_equal, "!="},
                                                                 {greater, ">"},
                                                                 {at_least, ">="},
                                                                 {less, "<"},
                                                                 {at_most, "<="},
                                                                 {contains, "contains"},
                                                                 {not_contains, "not_contains"},
                                                                 {exists, "exists"},
                                                                 {not_exist, "not_exist"}});
}

enum class Junction : std::uint8_t { any, all };
constexpr auto wire_names(Junction) {
  return std::to_array<std::pair<Junction, std::string_view>>({{Junction::any, "||"}, {Junction::all, "&&"}});
}

// Over dynamic variables alone.
struct Equation {
  std::string left;
  Comparison operator_ = Comparison::equal;
  std::optional<std::string> right = {};  // not of exists and not_exist
};
BOOST_DESCRIBE_STRUCT(Equation, (), (left, operator_, right))

// Judged by the model. The edges that need no judging carry a fixed word here: "Else", "Always", "Skip response",
// "Transfer failed", "Sent successfully", "Failed to send".
struct PromptCondition {
  static constexpr std::string_view json_tag = "prompt";
  std::string prompt;
};
BOOST_DESCRIBE_STRUCT(PromptCondition, (), (prompt))

struct EquationCondition {
  static constexpr std::string_view json_tag = "equation";
  std::vector<Equation> equations;  // at most 50
  Junction operator_ = Junction::any;
  std::optional<std::string> prompt = {};
};
BOOST_DESCRIBE_STRUCT(EquationCondition, (), (equations, operator_, prompt))

struct FlowEdge {
  std::string id;
  std::variant<PromptCondition, EquationCondition> transition_condition;
  std::optional<std::string> destination_node_id = {};  // missing: not drawn yet
};
BOOST_DESCRIBE_STRUCT(FlowEdge, (), (id, transition_condition, destination_node_id))

struct ExampleLine {
  std::string role;  // agent, user, tool_call_invocation, tool_call_result
  std::optional<std::string> content = {};
  std::optional<std::string> tool_call_id = {};
  std::optional<std::string> name = {};
  std::optional<std::string> arguments = {};
};
BOOST_DESCRIBE_STRUCT(ExampleLine, (), (role, content, tool_call_id, name, arguments))

struct ConversationExample {
  std::string id;
  std::vector<ExampleLine> transcript;
};
BOOST_DESCRIBE_STRUCT(ConversationExample, (), (id, transcript))

struct TransitionExample {
  std::string id;
  std::vector<ExampleLine> transcript;
  std::optional<std::string> destination_node_id = {};
};
BOOST_DESCRIBE_STRUCT(TransitionExample, (), (id, transcript, destination_node_id))

struct GlobalExample {
  std::vector<ExampleLine> transcript;
};
BOOST_DESCRIBE_STRUCT(GlobalExample, (), (transcript))

// A node that the conversation may jump to from anywhere.
struct GlobalNodeSetting {
  std::string condition;
  std::optional<double> cool_down = {};  // transitions, >= 1
  std::optional<std::vector<FlowEdge>> go_back_conditions = {};
  std::optional<std::vector<GlobalExample>> positive_finetune_examples = {};
  std::optional<std::vector<GlobalExample>> negative_finetune_examples = {};
};
BOOST_DESCRIBE_STRUCT(GlobalNodeSetting, (),
                      (condition, cool_down, go_back_conditions, positive_finetune_examples,
                       negative_finetune_examples))

}  // namespace retell::domain
