// Voice agents, and the list of the agents of both channels.
#include <algorithm>
#include <array>

#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

using domain::AgentSettings;

core::Task<Outcome> create(Api& api, const Request& request, Raw<AgentSettings> body) {
  const auto agent = co_await api.agents.create(request.organization(), std::move(body.value));
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(201, to_json(*agent));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  auto agent = co_await api.agents.shown(request.organization(), request.parameter(0), std::move(*version),
                                         domain::Channel::voice);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_text_reply(200, std::move(*agent));
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<AgentSettings> body) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto agent = co_await api.agents.update(request.organization(), request.parameter(0), std::move(*version),
                                                std::move(body.value));
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(200, to_json(*agent));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.agents.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> repair(Api& api, const Request& request) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto agent = co_await api.agents.repair(request.organization(), request.parameter(0), std::move(*version));
  if (!agent) co_return tl::unexpected(agent.error());
  co_return json_reply(200, to_json(*agent));
}

struct ChannelFilter {
  std::string op;
  domain::Channel value = domain::Channel::voice;
};
BOOST_DESCRIBE_STRUCT(ChannelFilter, (), (op, value))

struct AgentFilter {
  std::optional<ChannelFilter> channel = {};
  std::optional<std::string> query = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(AgentFilter, (), (channel, query))

struct ListAgents {
  std::optional<AgentFilter> filter_criteria = {};
};
BOOST_DESCRIBE_STRUCT(ListAgents, (), (filter_criteria))

struct TagSummary {
  std::int32_t version = 0;
  domain::TextMap dynamic_variables;
};
BOOST_DESCRIBE_STRUCT(TagSummary, (), (version, dynamic_variables))

struct AgentSummary {
  std::string agent_id;
  std::string agent_name;
  domain::Channel channel = domain::Channel::voice;
  std::map<std::string, TagSummary> tags;
  std::int64_t user_modified_timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(AgentSummary, (), (agent_id, agent_name, channel, tags, user_modified_timestamp))

json::Value summary(const services::AgentView& agent) {
  AgentSummary out{agent.agent_id, services::agent_name(agent), agent.channel, {}, agent.modified_at};
  for (const auto& tag : agent.tags) out.tags[tag.tag] = {tag.version, tag.dynamic_variables};
  return json::write(out);
}

// A filter that is not understood must not pass for one that everything matches.
core::Result<> check_filter(const AgentFilter& filter) {
  json::Problems problems;
  for (const auto& member : filter.unknown) {
    problems.add("filter_criteria." + std::string(member.key()), "is not a known filter");
  }
  constexpr std::array<std::string_view, 5> ops = {"eq", "ne", "sw", "ew", "co"};
  if (filter.channel && std::find(ops.begin(), ops.end(), filter.channel->op) == ops.end()) {
    problems.add("filter_criteria.channel.op", "expected one of eq, ne, sw, ew, co");
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return {};
}

core::Task<Outcome> list(Api& api, const Request& request, ListAgents body) {
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  const auto filter = body.filter_criteria.value_or(AgentFilter{});
  if (auto fine = check_filter(filter); !fine) co_return tl::unexpected(fine.error());
  std::optional<domain::Channel> channel;
  if (filter.channel) {
    using enum domain::Channel;
    const bool not_that = filter.channel->op == "ne";
    channel = (filter.channel->value == chat) == not_that ? voice : chat;
  }
  const auto agents =
      co_await api.agents.list(request.organization(), std::move(*page), filter.query.value_or(""), channel);
  if (!agents) co_return tl::unexpected(agents.error());
  co_return json_reply(200, envelope(*agents, summary));
}

// Older clients: whole agents in a bare array, every version of each unless is_latest.
core::Task<Outcome> list_versions(Api& api, const Request& request, domain::Channel channel) {
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  std::vector<services::AgentView> agents;
  const auto latest_only = request.flag("is_latest");
  if (!latest_only) co_return tl::unexpected(latest_only.error());
  if (*latest_only) {
    auto latest = co_await api.agents.list(request.organization(), std::move(*page), "", channel);
    if (!latest) co_return tl::unexpected(latest.error());
    agents = std::move(latest->items);
  } else {
    const auto version = request.number("pagination_key_version");
    if (!version) co_return tl::unexpected(version.error());
    auto all = co_await api.agents.list_versions(request.organization(), channel, page->limit, page->after, *version);
    if (!all) co_return tl::unexpected(all.error());
    agents = std::move(*all);
  }
  json::Array shown;
  for (const auto& agent : agents) shown.push_back(to_json(agent));
  co_return json_reply(200, std::move(shown));
}

core::Task<Outcome> list_voice(Api& api, const Request& request) {
  co_return co_await list_versions(api, request, domain::Channel::voice);
}
core::Task<Outcome> list_chat(Api& api, const Request& request) {
  co_return co_await list_versions(api, request, domain::Channel::chat);
}

constexpr QueryField older_fields[] = {
    {"limit", "integer", "1 to 1000; 50 when missing."},
    {"pagination_key", "string", "The agent_id of the last agent seen."},
    {"pagination_key_version", "integer", "Its version."},
    {"is_latest", "boolean", "Only the newest version of each agent."},
};

constexpr Route table[] = {
    endpoint<&create, Agent>("POST", "/create-agent", 201, "Create an agent"),
    endpoint<&get, Agent>("GET", "/get-agent/{agent_id}", 200, "Get an agent", {.query = version_field}),
    endpoint<&update, Agent>("PATCH", "/update-agent/{agent_id}", 200, "Change a draft of an agent",
                             {.query = version_field}),
    endpoint<&remove>("DELETE", "/delete-agent/{agent_id}", 204, "Delete an agent with all its versions"),
    endpoint<&repair, Agent>("POST", "/repair-agent/{agent_id}", 200, "Take out of a draft what is there no more",
                             {.query = version_field}),
    endpoint<&list, Items<AgentSummary>>("POST", "/v2/list-agents", 200, "List agents of both channels",
                                         {.query = page_fields}),
    endpoint<&list_voice, std::vector<Agent>>("GET", "/list-agents", 200, "List all versions of agents",
                                              {.query = older_fields, .older = true}),
    endpoint<&list_chat, std::vector<ChatAgent>>("GET", "/list-chat-agents", 200, "List all versions of chat agents",
                                                 {.query = older_fields, .older = true}),
};

}  // namespace

std::span<const Route> agent_routes() { return table; }

}  // namespace retell::api
