// An agent tried out in writing: the whole conversation comes with the request, the new messages go back, and nothing
// is stored. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "services/chat_engine.hpp"
#include "services/test_case_service.hpp"

namespace retell::services {

enum class PlaygroundRole : std::uint8_t {
  agent,
  user,
  tool_call_invocation,
  tool_call_result,
  node_transition,
  state_transition,
  injected,  // for the agent alone
  sms,
};
BOOST_DESCRIBE_ENUM(PlaygroundRole, agent, user, tool_call_invocation, tool_call_result, node_transition,
                    state_transition, injected, sms)

struct PlaygroundMessage {
  PlaygroundRole role = PlaygroundRole::user;
  std::optional<std::string> content = {};
  std::optional<std::string> tool_call_id = {};
  std::optional<std::string> name = {};       // of a tool that was called
  std::optional<std::string> arguments = {};  // JSON text
};
BOOST_DESCRIBE_STRUCT(PlaygroundMessage, (), (role, content, tool_call_id, name, arguments))

struct PlaygroundRequest {
  std::vector<PlaygroundMessage> messages;
  std::optional<std::string> component_id = {};
  std::optional<std::string> current_node_id = {};
  std::optional<std::string> current_state = {};
  std::optional<domain::TextMap> dynamic_variables = {};
  std::optional<std::vector<ToolMock>> tool_mocks = {};
};
BOOST_DESCRIBE_STRUCT(PlaygroundRequest, (),
                      (messages, component_id, current_node_id, current_state, dynamic_variables, tool_mocks))

// Retell's PlaygroundCompletionResponse; unprocessable for an unknown agent, and for what cannot run yet.
[[nodiscard]] core::Task<core::Result<json::Object>> try_agent(ChatEngine& engine, const core::Clock& clock,
                                                               std::string organization_id, std::string agent_id,
                                                               storage::VersionChoice version,
                                                               PlaygroundRequest request);

}  // namespace retell::services
