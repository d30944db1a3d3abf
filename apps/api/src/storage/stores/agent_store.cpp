#include "storage/stores/agent_store.hpp"

#include "json/text.hpp"
#include "storage/stores/cached_rows.hpp"

namespace retell::storage {
namespace {

constexpr auto columns = "agent_id, version, base_version, is_published, modified_at, settings";

core::Result<domain::Agent> to_agent(const Row& row) {
  domain::Agent agent;
  agent.agent_id = row.text(0);
  agent.version = static_cast<std::int32_t>(row.integer(1));
  if (const auto base = row.maybe_integer(2)) agent.base_version = static_cast<std::int32_t>(*base);
  agent.is_published = row.integer(3) != 0;
  agent.last_modification_timestamp = row.integer(4);
  const auto document = json::parse(row.text(5));
  if (!document) return tl::unexpected(document.error());
  auto settings = json::read<domain::AgentSettings>(*document);
  if (!settings) return core::fail(core::ErrorCode::io, "agent " + agent.agent_id + ": " + settings.error().message);
  agent.settings = std::move(*settings);
  return agent;
}

core::Result<std::vector<domain::Agent>> to_agents(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<domain::Agent> agents;
  for (const auto& row : *rows) {
    auto agent = to_agent(row);
    if (!agent) return tl::unexpected(agent.error());
    agents.push_back(std::move(*agent));
  }
  return agents;
}

std::string llm_of(const domain::Agent& agent) {
  const auto* engine = std::get_if<domain::RetellLlmEngine>(&agent.settings.response_engine);
  return engine == nullptr ? std::string() : engine->llm_id;
}

}  // namespace

std::string VersionChoice::name() const {
  switch (kind) {
    case Kind::latest:
      return "latest";
    case Kind::latest_published:
      return "latest_published";
    case Kind::exact:
      break;
  }
  return std::to_string(number);
}

namespace {

Statement select_one(std::string organization_id, std::string agent_id, VersionChoice version) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns + " FROM agents WHERE organization_id = $1 AND agent_id = $2";
  statement.params = {std::move(organization_id), std::move(agent_id)};
  if (version.kind == VersionChoice::Kind::exact) {
    statement.sql += " AND version = $3";
    statement.params.emplace_back(version.number);
  } else if (version.kind == VersionChoice::Kind::latest_published) {
    statement.sql += " AND is_published = 1";
  }
  statement.sql += " ORDER BY version DESC LIMIT 1";
  return statement;
}

core::Result<std::optional<domain::Agent>> first(const core::Result<Rows>& rows) {
  auto agents = to_agents(rows);
  if (!agents) return tl::unexpected(agents.error());
  std::optional<domain::Agent> found;
  if (!agents->empty()) found = std::move(agents->front());
  return found;
}

}  // namespace

core::Task<core::Result<std::optional<domain::Agent>>> AgentStore::find(std::string organization_id,
                                                                        std::string agent_id, VersionChoice version) {
  co_return first(co_await database_.query(select_one(std::move(organization_id), std::move(agent_id), version)));
}

core::Task<core::Result<std::optional<domain::Agent>>> AgentStore::snapshot(std::string organization_id,
                                                                            std::string agent_id,
                                                                            VersionChoice version) {
  CachePlace place{agent_group(organization_id, agent_id), version.name()};
  auto statement = select_one(std::move(organization_id), std::move(agent_id), version);
  co_return first(co_await cached_query(database_, std::move(place), std::move(statement)));
}

core::Task<core::Result<Page<domain::Agent>>> AgentStore::list(std::string organization_id, PageQuery query) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns +
                  " FROM agents AS a WHERE organization_id = $1 AND version = (SELECT MAX(b.version) FROM agents AS b "
                  "WHERE b.organization_id = a.organization_id AND b.agent_id = a.agent_id)";
  statement.params = {std::move(organization_id)};
  append_page(statement, query, "agents", "agent_id");
  const auto rows = co_await database_.query(std::move(statement));
  auto agents = to_agents(rows);
  if (!agents) co_return tl::unexpected(agents.error());
  Page<domain::Agent> page;
  page.has_more = agents->size() > static_cast<std::size_t>(query.limit);
  if (page.has_more) agents->pop_back();
  if (page.has_more && !agents->empty()) page.next = agents->back().agent_id;
  page.items = std::move(*agents);
  co_return page;
}

core::Task<core::Result<std::vector<domain::Agent>>> AgentStore::versions(std::string organization_id,
                                                                          std::string agent_id) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns +
                  " FROM agents WHERE organization_id = $1 AND agent_id = $2 ORDER BY version DESC LIMIT 1000";
  statement.params = {std::move(organization_id), std::move(agent_id)};
  co_return to_agents(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::vector<std::string>>> AgentStore::using_llm(std::string organization_id,
                                                                         std::string llm_id) {
  Statement statement;
  statement.sql = "SELECT DISTINCT agent_id FROM agents WHERE organization_id = $1 AND llm_id = $2 LIMIT 10";
  statement.params = {std::move(organization_id), std::move(llm_id)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<std::string> ids;
  for (const auto& row : *rows) ids.push_back(row.text(0));
  co_return ids;
}

Statement AgentStore::insert(const std::string& organization_id, const domain::Agent& agent) {
  Statement statement;
  statement.sql =
      "INSERT INTO agents (organization_id, agent_id, version, base_version, is_published, llm_id, settings, "
      "created_at, modified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE((SELECT created_at FROM agents WHERE "
      "organization_id = $1 AND agent_id = $2 LIMIT 1), $8), $8)";
  statement.params = {organization_id,
                      agent.agent_id,
                      agent.version,
                      agent.base_version,
                      agent.is_published,
                      llm_of(agent),
                      json::dump(to_json(agent.settings)),
                      agent.last_modification_timestamp};
  statement.invalidates = {agent_group(organization_id, agent.agent_id)};
  return statement;
}

Statement AgentStore::update_draft(const std::string& organization_id, const domain::Agent& agent) {
  Statement statement;
  statement.sql =
      "UPDATE agents SET settings = $4, llm_id = $5, modified_at = $6, is_published = $7 WHERE organization_id = $1 "
      "AND "
      "agent_id = $2 AND version = $3 AND is_published = 0 RETURNING version";
  statement.params = {organization_id,   agent.agent_id,
                      agent.version,     json::dump(to_json(agent.settings)),
                      llm_of(agent),     agent.last_modification_timestamp,
                      agent.is_published};
  statement.invalidates = {agent_group(organization_id, agent.agent_id)};
  statement.at_least_rows = 1;
  return statement;
}

Statement AgentStore::remove(const std::string& organization_id, const std::string& agent_id) {
  Statement statement;
  statement.sql = "DELETE FROM agents WHERE organization_id = $1 AND agent_id = $2 RETURNING version";
  statement.params = {organization_id, agent_id};
  statement.invalidates = {agent_group(organization_id, agent_id)};
  return statement;
}

Statement AgentStore::remove_version(const std::string& organization_id, const std::string& agent_id,
                                     std::int32_t version) {
  Statement statement;
  statement.sql = "DELETE FROM agents WHERE organization_id = $1 AND agent_id = $2 AND version = $3 RETURNING version";
  statement.params = {organization_id, agent_id, version};
  statement.invalidates = {agent_group(organization_id, agent_id)};
  return statement;
}

}  // namespace retell::storage
