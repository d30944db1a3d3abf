// Components that conversation flows share.
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

struct FlowComponent : domain::FlowComponent {
  std::int64_t user_modified_timestamp = 0;  // epoch ms
  std::vector<std::string> linked_conversation_flow_ids;
};
BOOST_DESCRIBE_STRUCT(FlowComponent, (domain::FlowComponent), (user_modified_timestamp, linked_conversation_flow_ids))

core::Task<Outcome> create(Api& api, const Request& request, Raw<domain::FlowComponent> body) {
  const auto component = co_await api.components.create(request.organization(), std::move(body.value));
  if (!component) co_return tl::unexpected(component.error());
  co_return json_reply(201, to_json(*component));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto component = co_await api.components.get(request.organization(), request.parameter(0));
  if (!component) co_return tl::unexpected(component.error());
  co_return json_reply(200, to_json(*component));
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<domain::FlowComponent> body) {
  const auto component =
      co_await api.components.update(request.organization(), request.parameter(0), std::move(body.value));
  if (!component) co_return tl::unexpected(component.error());
  co_return json_reply(200, to_json(*component));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.components.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<core::Result<json::Object>> page(Api& api, const Request& request) {
  auto query = page_from_query(request);
  if (!query) co_return tl::unexpected(query.error());
  const auto some = co_await api.components.list(request.organization(), std::move(*query));
  if (!some) co_return tl::unexpected(some.error());
  co_return envelope(*some, [](const services::FlowComponentView& component) { return to_json(component); });
}

core::Task<Outcome> list(Api& api, const Request& request) {
  auto found = co_await page(api, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(200, std::move(*found));
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  auto found = co_await page(api, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(200, (*found)["items"]);
}

constexpr Route table[] = {
    endpoint<&create, FlowComponent>("POST", "/create-conversation-flow-component", 201, "Create a shared component"),
    endpoint<&get, FlowComponent>("GET", "/get-conversation-flow-component/{conversation_flow_component_id}", 200,
                                  "Get a shared component"),
    endpoint<&update, FlowComponent>("PATCH", "/update-conversation-flow-component/{conversation_flow_component_id}",
                                     200, "Change a shared component"),
    endpoint<&remove>("DELETE", "/delete-conversation-flow-component/{conversation_flow_component_id}", 204,
                      "Delete a shared component; flows that use it keep a copy"),
    endpoint<&list, Items<FlowComponent>>("GET", "/v2/list-conversation-flow-components", 200, "List shared components",
                                          {.query = page_fields}),
    endpoint<&list_bare, std::vector<FlowComponent>>("GET", "/list-conversation-flow-components", 200,
                                                     "List shared components", {.query = page_fields, .older = true}),
};

}  // namespace

std::span<const Route> flow_component_routes() { return table; }

}  // namespace retell::api
