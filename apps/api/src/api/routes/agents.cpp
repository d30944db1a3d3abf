// Agents: create, get, update, list, delete.
#include "api/routes/routes.hpp"
#include "json/read.hpp"

namespace retell::api {
namespace {

core::Task<Outcome> create(Api& api, const Request& request) {
  auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto agent = co_await api.agents.create(request.organization(), std::move(*body));
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(201, to_json(*agent));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto agent = co_await api.agents.get(request.organization(), request.parameter(0), *version);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(200, to_json(*agent));
}

core::Task<Outcome> update(Api& api, const Request& request) {
  const auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto agent =
      co_await api.agents.update(request.organization(), request.parameter(0), *version, std::move(*body));
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(200, to_json(*agent));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.agents.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

struct ChannelFilter {
  std::string op;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(ChannelFilter, (), (op, value))

struct ListFilter {
  std::optional<ChannelFilter> channel = {};
  std::optional<std::string> query = {};
};
BOOST_DESCRIBE_STRUCT(ListFilter, (), (channel, query))

struct ListBody {
  std::optional<ListFilter> filter_criteria = {};
};
BOOST_DESCRIBE_STRUCT(ListBody, (), (filter_criteria))

json::Value summary(const domain::Agent& agent) {
  return json::Object{{"agent_id", agent.agent_id},
                      {"agent_name", agent.settings.agent_name.value_or("")},
                      {"channel", "voice"},
                      {"tags", json::Object{}},
                      {"user_modified_timestamp", agent.last_modification_timestamp}};
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto read = json::read<ListBody>(*body);
  if (!read) co_return tl::unexpected(read.error());
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  const auto filter = read->filter_criteria.value_or(ListFilter{});
  if (filter.channel && (filter.channel->value == "voice") == (filter.channel->op == "ne")) {
    co_return json_reply(200, envelope(storage::Page<domain::Agent>{}, summary));  // all agents here are voice agents
  }
  const auto agents = co_await api.agents.list(request.organization(), std::move(*page), filter.query.value_or(""));
  if (!agents) co_return tl::unexpected(agents.error());
  co_return json_reply(200, envelope(*agents, summary));
}

// Older clients: the whole agents in a bare array.
core::Task<Outcome> list_bare(Api& api, const Request& request) {
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  const auto agents = co_await api.agents.list(request.organization(), std::move(*page), "");
  if (!agents) co_return tl::unexpected(agents.error());
  json::Array all;
  for (const auto& agent : agents->items) all.push_back(to_json(agent));
  co_return json_reply(200, std::move(all));
}

constexpr Route table[] = {
    {"POST", "/create-agent", &create, Auth::key, 201},
    {"GET", "/get-agent/{agent_id}", &get},
    {"PATCH", "/update-agent/{agent_id}", &update},
    {"DELETE", "/delete-agent/{agent_id}", &remove, Auth::key, 204},
    {"POST", "/v2/list-agents", &list},
    {"GET", "/list-agents", &list_bare},
};

}  // namespace

std::span<const Route> agent_routes() { return table; }

}  // namespace retell::api
