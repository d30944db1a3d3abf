// Workspaces: the one that a request is in, and the others of a person (chosen by the header X-Workspace-Id).
#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

struct Limits {
  std::int64_t max_concurrent_calls = 0;
  std::int64_t max_requests_per_second = 0;  // 0: no limit
};
BOOST_DESCRIBE_STRUCT(Limits, (), (max_concurrent_calls, max_requests_per_second))

struct Workspace {
  std::string workspace_id;
  std::string name;
  std::string webhook_url;     // of agents without one of their own; empty: none
  std::string webhook_key_id;  // the API key that signs webhooks
  Limits limits;               // the operator's
  std::int64_t created_at = 0;
};
BOOST_DESCRIBE_STRUCT(Workspace, (), (workspace_id, name, webhook_url, webhook_key_id, limits, created_at))

struct NewWorkspace {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(NewWorkspace, (), (name))

json::Value shown(const storage::Organization& from, const Api& api) {
  Workspace out{from.id, from.name, from.webhook_url, from.webhook_key_id, {}, from.created_at};
  out.limits.max_concurrent_calls = from.max_concurrent_calls.value_or(api.calls.default_limit());
  out.limits.max_requests_per_second =
      from.max_requests_per_second.value_or(api.workspaces.defaults().max_requests_per_second);
  return json::write(out);
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto workspace = co_await api.workspaces.get(request.organization());
  if (!workspace) co_return tl::unexpected(workspace.error());
  co_return json_reply(200, shown(*workspace, api));
}

core::Task<Outcome> update(Api& api, const Request& request, Raw<services::WorkspaceChange> body) {
  auto change = services::read_workspace_change(body.value);
  if (!change) co_return tl::unexpected(change.error());
  const auto workspace = co_await api.workspaces.change(request.organization(), std::move(*change));
  if (!workspace) co_return tl::unexpected(workspace.error());
  co_return json_reply(200, shown(*workspace, api));
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto memberships = co_await api.workspaces.memberships(request.principal().user_id);
  if (!memberships) co_return tl::unexpected(memberships.error());
  json::Array all;
  for (const auto& one : *memberships) {
    const auto workspace = co_await api.workspaces.get(one.organization_id);
    if (!workspace) co_return tl::unexpected(workspace.error());
    all.push_back(shown(*workspace, api));
  }
  co_return json_reply(200, std::move(all));
}

// Who owns a workspace may have another.
core::Task<Outcome> create(Api& api, const Request& request, NewWorkspace body) {
  const auto& me = request.principal().user_id;
  const auto memberships = co_await api.workspaces.memberships(me);
  if (!memberships) co_return tl::unexpected(memberships.error());
  const bool owner = std::any_of(memberships->begin(), memberships->end(),
                                 [](const auto& one) { return one.role == domain::Role::owner; });
  if (!owner) co_return core::fail(core::ErrorCode::forbidden, "only owners of a workspace can make another");
  const auto workspace = co_await api.workspaces.create(std::move(body.name), me);
  if (!workspace) co_return tl::unexpected(workspace.error());
  co_return json_reply(201, shown(*workspace, api));
}

constexpr Route table[] = {
    endpoint<&get, Workspace>("GET", "/v1/workspace", 200, "Get the workspace that the request is in"),
    endpoint<&update, Workspace>("PATCH", "/v1/workspace", 200, "Change the workspace's name or webhook address"),
    endpoint<&list, std::vector<Workspace>>("GET", "/v1/workspaces", 200, "List one's own workspaces",
                                            {.needs = {.person = true}}),
    endpoint<&create, Workspace>("POST", "/v1/workspaces", 201, "Make a workspace", {.needs = {.person = true}}),
};

}  // namespace

std::span<const Route> workspace_routes() { return table; }

}  // namespace retell::api
