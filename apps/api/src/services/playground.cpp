#include "services/playground.hpp"

#include "core/ids.hpp"
#include "json/errors.hpp"
#include "json/write.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t longest_content = 32'000;  // of one message, in bytes
constexpr std::size_t most_messages = 1'000;

core::Result<> check(const PlaygroundRequest& request) {
  using enum PlaygroundRole;
  json::Problems problems;
  if (request.messages.size() > most_messages) problems.add("messages", "must be at most 1000");
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const auto& message = request.messages[i];
    const auto needs = [&](const char* name, const std::optional<std::string>& value) {
      const auto field = "messages[" + std::to_string(i) + "]." + name;
      if (!value) problems.add(field, "is required");
      if (value && value->size() > longest_content) problems.add(field, "must be at most 32000 bytes");
    };
    const bool invocation = message.role == tool_call_invocation;
    if (invocation) needs("name", message.name);
    if (invocation) needs("arguments", message.arguments);
    if (invocation || message.role == tool_call_result) needs("tool_call_id", message.tool_call_id);
    if (!invocation && message.role != node_transition && message.role != state_transition) {
      needs("content", message.content);
    }
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return {};
}

// What an agent that can write here has nothing to do with.
core::Result<> check_runnable(const PlaygroundRequest& request) {
  const auto refuse = [](const char* field, const char* message) {
    return fail(ErrorCode::unprocessable, std::string(field) + ": " + message, field);
  };
  const auto given = [](const std::optional<std::string>& text) { return text && !text->empty(); };
  if (given(request.current_node_id)) return refuse("current_node_id", "the agent has no conversation flow");
  if (given(request.component_id)) return refuse("component_id", "the agent has no conversation flow");
  if (given(request.current_state)) return refuse("current_state", "the agent has no states");
  if (request.tool_mocks && !request.tool_mocks->empty()) {
    return refuse("tool_mocks", "the agent has no tools that could be mocked: end_call ends the conversation here");
  }
  return {};
}

std::vector<providers::LlmMessage> conversation(const std::vector<PlaygroundMessage>& messages) {
  std::vector<providers::LlmMessage> out;
  for (const auto& message : messages) {
    const auto add = [&](providers::Role role) { out.push_back({role, message.content.value_or("")}); };
    switch (message.role) {
      case PlaygroundRole::agent:
        add(providers::Role::assistant);
        break;
      case PlaygroundRole::user:
      case PlaygroundRole::sms:
        add(providers::Role::user);
        break;
      case PlaygroundRole::injected:
        add(providers::Role::system);
        break;
      default:
        break;  // what the agent's tools and nodes did is in its words
    }
  }
  return out;
}

}  // namespace

core::Task<core::Result<json::Object>> try_agent(ChatEngine& engine, const core::Clock& clock,
                                                 std::string organization_id, std::string agent_id,
                                                 storage::VersionChoice version, PlaygroundRequest request) {
  if (const auto good = check(request); !good) co_return tl::unexpected(good.error());
  const auto speaker =
      co_await engine.speaker(std::move(organization_id), std::move(agent_id), std::move(version), std::nullopt);
  if (!speaker) co_return tl::unexpected(speaker.error());
  if (const auto good = check_runnable(request); !good) co_return tl::unexpected(good.error());

  const auto given = request.dynamic_variables.value_or(domain::TextMap{});
  auto variables = speaker->variables();
  for (const auto& [name, value] : given) variables[name] = value;
  json::Object out{{"messages", json::Array{}}, {"call_ended", false}, {"dynamic_variables", json::write(variables)}};
  variables["session_type"] = "chat";
  const auto add = [&](json::Object message) {
    message["message_id"] = core::make_id("message_", 8);
    message["created_timestamp"] = core::epoch_ms(clock.wall());
    out["messages"].as_array().push_back(std::move(message));
  };
  const auto say = [&](std::string text) {
    if (!text.empty()) add({{"role", "agent"}, {"content", std::move(text)}});
  };
  if (request.messages.empty()) {
    say(engine.opening(*speaker, std::move(variables)));
    co_return out;
  }
  const auto reply = co_await engine.answer(*speaker, std::move(variables), conversation(request.messages));
  if (!reply) co_return tl::unexpected(reply.error());
  say(reply->text);
  for (const auto& call : reply->tool_calls) {
    add({{"role", "tool_call_invocation"},
         {"tool_call_id", call.id},
         {"name", call.name},
         {"arguments", call.arguments}});
    add({{"role", "tool_call_result"}, {"tool_call_id", call.id}, {"content", "ended"}});
    out["call_ended"] = true;
  }
  co_return out;
}

}  // namespace retell::services
