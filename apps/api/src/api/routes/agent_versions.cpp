// Versions of agents: branch, publish, list, delete.
#include "api/routes/routes.hpp"
#include "json/read.hpp"

namespace retell::api {
namespace {

struct CreateVersion {
  std::int32_t base_version = 0;
};
BOOST_DESCRIBE_STRUCT(CreateVersion, (), (base_version))

core::Task<Outcome> create(Api& api, const Request& request) {
  const auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto read = json::read<CreateVersion>(*body);
  if (!read) co_return tl::unexpected(read.error());
  const auto agent =
      co_await api.agents.create_version(request.organization(), request.parameter(0), read->base_version);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(201, to_json(*agent));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  if (version->kind != storage::VersionChoice::Kind::exact) {
    co_return core::fail(core::ErrorCode::invalid, "version: is required", "version");
  }
  const auto done = co_await api.agents.remove_version(request.organization(), request.parameter(0), version->number);
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> publish(Api& api, const Request& request) {
  const auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  auto read = json::read<services::PublishRequest>(*body);
  if (!read) co_return tl::unexpected(read.error());
  const auto done = co_await api.agents.publish(request.organization(), request.parameter(0), std::move(*read));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(200);
}

core::Task<Outcome> publish_latest(Api& api, const Request& request) {
  const auto done = co_await api.agents.publish_latest(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(200);
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  const auto versions = co_await api.agents.versions(request.organization(), request.parameter(0));
  if (!versions) co_return tl::unexpected(versions.error());
  json::Array all;
  for (const auto& version : *versions) all.push_back(to_json(version));
  co_return json_reply(200, std::move(all));
}

json::Value summary(const domain::Agent& agent) {
  json::Object out{{"version", agent.version},
                   {"is_published", agent.is_published},
                   {"last_modification_timestamp", agent.last_modification_timestamp}};
  if (agent.base_version) out["base_version"] = *agent.base_version;
  if (agent.settings.version_title) out["version_title"] = *agent.settings.version_title;
  if (agent.settings.version_description) out["version_description"] = *agent.settings.version_description;
  return out;
}

// An agent has at most a thousand versions, so a page is cut from all of them.
core::Task<Outcome> list(Api& api, const Request& request) {
  const auto query = page_from_query(request);
  if (!query) co_return tl::unexpected(query.error());
  auto versions = co_await api.agents.versions(request.organization(), request.parameter(0));
  if (!versions) co_return tl::unexpected(versions.error());
  if (query->ascending) std::reverse(versions->begin(), versions->end());
  auto first = versions->begin();
  if (!query->after.empty()) {
    first = std::find_if(first, versions->end(),
                         [&](const auto& agent) { return std::to_string(agent.version) == query->after; });
    if (first != versions->end()) ++first;
  }
  storage::Page<domain::Agent> page;
  const auto left = std::distance(first, versions->end());
  page.has_more = left > query->limit;
  page.items.assign(first, first + std::min<std::ptrdiff_t>(left, query->limit));
  if (page.has_more) page.next = std::to_string(page.items.back().version);
  co_return json_reply(200, envelope(page, summary));
}

constexpr Route table[] = {
    {"POST", "/create-agent-version/{agent_id}", &create, Auth::key, 201},
    {"DELETE", "/delete-agent-version/{agent_id}", &remove, Auth::key, 204},
    {"POST", "/publish-agent-version/{agent_id}", &publish},
    {"POST", "/publish-agent/{agent_id}", &publish_latest},
    {"GET", "/get-agent-versions/{agent_id}", &list_bare},
    {"GET", "/list-agent-versions/{agent_id}", &list},
};

}  // namespace

std::span<const Route> agent_version_routes() { return table; }

}  // namespace retell::api
