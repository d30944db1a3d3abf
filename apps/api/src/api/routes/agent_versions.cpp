// Versions of agents of both channels: branch, publish, list, delete; and the tags of environments.
#include "api/paging.hpp"
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

struct CreateVersion {
  std::int32_t base_version = 0;
};
BOOST_DESCRIBE_STRUCT(CreateVersion, (), (base_version))

core::Task<Outcome> create(Api& api, const Request& request, CreateVersion body) {
  const auto agent = co_await api.versions.create(request.organization(), request.parameter(0), body.base_version);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(201, to_json(*agent));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto version = request.number("version");
  if (!version) co_return tl::unexpected(version.error());
  if (!version->has_value()) co_return core::fail(core::ErrorCode::invalid, "version: is required", "version");
  const auto done = co_await api.versions.remove(request.organization(), request.parameter(0), **version);
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> publish(Api& api, const Request& request, services::PublishRequest body) {
  const auto done = co_await api.versions.publish(request.organization(), request.parameter(0), std::move(body));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(200);
}

core::Task<Outcome> publish_latest(Api& api, const Request& request) {
  const auto done = co_await api.versions.publish_latest(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(200);
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  const auto versions = co_await api.versions.list(request.organization(), request.parameter(0));
  if (!versions) co_return tl::unexpected(versions.error());
  json::Array all;
  for (const auto& version : *versions) all.push_back(to_json(version));
  co_return json_reply(200, std::move(all));
}

struct VersionSummary {
  std::int32_t version = 0;
  bool is_published = false;
  std::int64_t last_modification_timestamp = 0;
  std::optional<std::int32_t> base_version = {};
  std::optional<std::string> version_title = {};
  std::optional<std::string> version_description = {};
};
BOOST_DESCRIBE_STRUCT(VersionSummary, (),
                      (version, is_published, last_modification_timestamp, base_version, version_title,
                       version_description))

json::Value summary(const services::AgentView& agent) {
  auto out = json::write(VersionSummary{agent.version, agent.is_published, agent.modified_at, agent.base_version});
  for (const auto* name : {"version_title", "version_description"}) {
    if (const auto* value = agent.settings.if_contains(name)) out.get_object()[name] = *value;
  }
  return out;
}

bool is_version(const std::string& key) {
  constexpr std::size_t longest = 9;
  return key.size() <= longest && key.find_first_not_of("0123456789") == std::string::npos;
}

// An agent has at most a thousand versions, so a page is cut from all of them.
core::Task<Outcome> list(Api& api, const Request& request) {
  const auto query = page_from_query(request);
  if (!query) co_return tl::unexpected(query.error());
  auto versions = co_await api.versions.list(request.organization(), request.parameter(0));
  if (!versions) co_return tl::unexpected(versions.error());
  const auto page = slice(
      std::move(*versions), *query, [](const auto& agent) { return std::to_string(agent.version); }, &is_version,
      [](const std::string& a, const std::string& b) { return std::stol(a) > std::stol(b); });
  if (!page) co_return tl::unexpected(page.error());
  co_return json_reply(200, envelope(*page, summary));
}

core::Task<Outcome> set_tag(Api& api, const Request& request, services::TagRequest body) {
  const auto agent = co_await api.versions.set_tag(request.organization(), request.parameter(0), request.parameter(1),
                                                   std::move(body));
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(200, to_json(*agent));
}

core::Task<Outcome> remove_tag(Api& api, const Request& request) {
  const auto done =
      co_await api.versions.remove_tag(request.organization(), request.parameter(0), request.parameter(1));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

constexpr QueryField number_field[] = {{"version", "integer", "The version's number.", true}};

constexpr Route table[] = {
    endpoint<&create, Agent>("POST", "/create-agent-version/{agent_id}", 201, "Branch a new draft from a version"),
    endpoint<&remove>("DELETE", "/delete-agent-version/{agent_id}", 204, "Delete a version", {.query = number_field}),
    endpoint<&publish>("POST", "/publish-agent-version/{agent_id}", 200, "Publish a version, with its engine's"),
    endpoint<&publish_latest>("POST", "/publish-agent/{agent_id}", 200, "Publish the newest version and open the next",
                              {.older = true}),
    endpoint<&publish_latest>("POST", "/publish-chat-agent/{agent_id}", 200,
                              "Publish the newest version and open the next", {.older = true}),
    endpoint<&list_bare, std::vector<Agent>>("GET", "/get-agent-versions/{agent_id}", 200, "All versions of an agent",
                                             {.older = true}),
    endpoint<&list_bare, std::vector<ChatAgent>>("GET", "/get-chat-agent-versions/{agent_id}", 200,
                                                 "All versions of a chat agent", {.older = true}),
    endpoint<&list, Items<VersionSummary>>("GET", "/list-agent-versions/{agent_id}", 200, "List versions",
                                           {.query = page_fields}),
    endpoint<&set_tag, Agent>("PUT", "/update-agent-tag/{agent_id}/{tag}", 200,
                              "Point an environment's tag at a version (this server's own)"),
    endpoint<&remove_tag>("DELETE", "/delete-agent-tag/{agent_id}/{tag}", 204,
                          "Take an environment's tag away (this server's own)"),
};

}  // namespace

std::span<const Route> agent_version_routes() { return table; }

}  // namespace retell::api
