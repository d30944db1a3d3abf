// Conversation flows.
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

using domain::FlowSettings;

core::Task<Outcome> create(Api& api, const Request& request, Raw<FlowSettings> body) {
  const auto flow = co_await api.flows.create(request.organization(), std::move(body.value));
  if (!flow) co_return tl::unexpected(flow.error());
  co_return json_reply(201, services::flow_json(*flow));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto flow = co_await api.flows.get(request.organization(), request.parameter(0), std::move(*version));
  if (!flow) co_return tl::unexpected(flow.error());
  co_return json_reply(200, services::flow_json(*flow));
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<FlowSettings> body) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto flow = co_await api.flows.update(request.organization(), request.parameter(0), std::move(*version),
                                              std::move(body.value));
  if (!flow) co_return tl::unexpected(flow.error());
  co_return json_reply(200, services::flow_json(*flow));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto force = request.flag("force_delete");
  if (!force) co_return tl::unexpected(force.error());
  const auto done = co_await api.flows.remove(request.organization(), request.parameter(0), *force);
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<core::Result<json::Object>> page(Api& api, const Request& request) {
  auto query = page_from_query(request);
  if (!query) co_return tl::unexpected(query.error());
  const auto flows = co_await api.flows.list(request.organization(), std::move(*query));
  if (!flows) co_return tl::unexpected(flows.error());
  co_return envelope(*flows, services::flow_json);
}

constexpr Route table[] = {
    endpoint<&create, ConversationFlow>("POST", "/create-conversation-flow", 201, "Create a conversation flow"),
    endpoint<&get, ConversationFlow>("GET", "/get-conversation-flow/{conversation_flow_id}", 200,
                                     "Get a conversation flow", {.query = version_field}),
    endpoint<&update, ConversationFlow>("PATCH", "/update-conversation-flow/{conversation_flow_id}", 200,
                                        "Change a draft of a conversation flow", {.query = version_field}),
    endpoint<&remove>("DELETE", "/delete-conversation-flow/{conversation_flow_id}", 204, "Delete a conversation flow",
                      {.query = force_field}),
    endpoint<&paged<&page>, Items<ConversationFlow>>("GET", "/v2/list-conversation-flows", 200,
                                                     "List conversation flows", {.query = page_fields}),
    endpoint<&bare<&page>, std::vector<ConversationFlow>>(
        "GET", "/list-conversation-flows", 200, "List conversation flows", {.query = page_fields, .older = true}),
};

}  // namespace

std::span<const Route> flow_routes() { return table; }

}  // namespace retell::api
