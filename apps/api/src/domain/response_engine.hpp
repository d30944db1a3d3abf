// What decides the agent's words.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "json/traits.hpp"

namespace retell::domain {

struct RetellLlmEngine {
  static constexpr std::string_view json_tag = "retell-llm";
  std::string llm_id;
  std::optional<std::int32_t> version = {};  // missing: the newest
};
BOOST_DESCRIBE_STRUCT(RetellLlmEngine, (), (llm_id, version))

struct ConversationFlowEngine {
  static constexpr std::string_view json_tag = "conversation-flow";
  std::string conversation_flow_id;
  std::optional<std::int32_t> version = {};
};
BOOST_DESCRIBE_STRUCT(ConversationFlowEngine, (), (conversation_flow_id, version))

struct CustomLlmEngine {
  static constexpr std::string_view json_tag = "custom-llm";
  std::string llm_websocket_url;
};
BOOST_DESCRIBE_STRUCT(CustomLlmEngine, (), (llm_websocket_url))

using ResponseEngine = std::variant<RetellLlmEngine, ConversationFlowEngine, CustomLlmEngine>;

}  // namespace retell::domain
