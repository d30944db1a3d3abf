// Agents that chat. Their versions are handled with those of the other agents.
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

using domain::ChatAgentSettings;
constexpr auto chat = domain::Channel::chat;

core::Task<Outcome> create(Api& api, const Request& request, Raw<ChatAgentSettings> body) {
  const auto agent = co_await api.agents.create(request.organization(), std::move(body.value), chat);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(201, to_json(*agent));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  auto agent = co_await api.agents.shown(request.organization(), request.parameter(0), std::move(*version), chat);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_text_reply(200, std::move(*agent));
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<ChatAgentSettings> body) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto agent = co_await api.agents.update(request.organization(), request.parameter(0), std::move(*version),
                                                std::move(body.value), chat);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(200, to_json(*agent));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.agents.remove(request.organization(), request.parameter(0), chat);
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

constexpr Route table[] = {
    endpoint<&create, ChatAgent>("POST", "/create-chat-agent", 201, "Create a chat agent"),
    endpoint<&get, ChatAgent>("GET", "/get-chat-agent/{agent_id}", 200, "Get a chat agent", {.query = version_field}),
    endpoint<&update, ChatAgent>("PATCH", "/update-chat-agent/{agent_id}", 200, "Change a draft of a chat agent",
                                 {.query = version_field}),
    endpoint<&remove>("DELETE", "/delete-chat-agent/{agent_id}", 204, "Delete a chat agent with all its versions"),
};

}  // namespace

std::span<const Route> chat_agent_routes() { return table; }

}  // namespace retell::api
