#include "storage/stores/agent_store.hpp"

#include "json/text.hpp"
#include "storage/stores/cached_rows.hpp"
#include "storage/stores/stored_json.hpp"

namespace retell::storage {
namespace {

using Kind = VersionChoice::Kind;

constexpr auto select =
    "SELECT agent_id, channel, version, base_version, is_published, modified_at, settings, created_at FROM "
    "agents";

core::Result<std::vector<AgentRecord>> to_records(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<AgentRecord> records;
  for (const auto& row : *rows) {
    const auto document = json::parse(row.text(6), stored_limits);
    if (!document) return tl::unexpected(document.error());
    AgentRecord record;
    record.agent_id = row.text(0);
    record.channel = json::enum_value<domain::Channel>(row.text(1)).value_or(domain::Channel::voice);
    record.version = static_cast<std::int32_t>(row.integer(2));
    if (const auto base = row.maybe_integer(3)) record.base_version = static_cast<std::int32_t>(*base);
    record.is_published = row.integer(4) != 0;
    record.modified_at = row.integer(5);
    record.created_at = row.integer(7);
    record.settings = document->as_object();
    records.push_back(std::move(record));
  }
  return records;
}

// A member of the response engine, for the columns that agents are found by.
std::string engine_id(const AgentRecord& agent, std::string_view member) {
  const auto* engine = agent.settings.if_contains("response_engine");
  const auto* id = engine != nullptr && engine->is_object()
                       ? engine->get_object().if_contains({member.data(), member.size()})
                       : nullptr;
  return id != nullptr && id->is_string() ? std::string(id->get_string()) : std::string();
}

}  // namespace

AgentRecord to_record(const domain::Agent& agent) {
  return {.agent_id = agent.agent_id,
          .channel = domain::Channel::voice,
          .version = agent.version,
          .base_version = agent.base_version,
          .is_published = agent.is_published,
          .modified_at = agent.last_modification_timestamp,
          .settings = domain::to_json(agent.settings).as_object()};
}

core::Result<domain::Agent> to_agent(const AgentRecord& record) {
  auto settings = json::read<domain::AgentSettings>(record.settings);
  if (!settings) {
    return core::fail(core::ErrorCode::io, "agent " + record.agent_id + ": " + settings.error().message);
  }
  return domain::Agent{.agent_id = record.agent_id,
                       .version = record.version,
                       .base_version = record.base_version,
                       .is_published = record.is_published,
                       .last_modification_timestamp = record.modified_at,
                       .settings = std::move(*settings)};
}

namespace {

Statement select_one(std::string organization_id, std::string agent_id, const VersionChoice& version) {
  Statement statement;
  statement.sql = std::string(select) + " WHERE organization_id = $1 AND agent_id = $2";
  statement.params = {std::move(organization_id), std::move(agent_id)};
  if (version.kind == Kind::exact) {
    statement.sql += " AND version = $3";
    statement.params.emplace_back(version.number);
  } else if (version.kind == Kind::latest_published) {
    statement.sql += " AND is_published = 1";
  } else if (version.kind == Kind::tag) {
    statement.sql +=
        " AND version = (SELECT t.version FROM agent_tags AS t WHERE t.organization_id = $1 AND t.agent_id = $2 AND "
        "t.tag = $3)";
    statement.params.emplace_back(version.name);
  }
  statement.sql += " ORDER BY version DESC LIMIT 1";
  return statement;
}

core::Result<std::optional<AgentRecord>> first(const core::Result<Rows>& rows) {
  auto records = to_records(rows);
  if (!records) return tl::unexpected(records.error());
  std::optional<AgentRecord> found;
  if (!records->empty()) found = std::move(records->front());
  return found;
}

core::Result<std::optional<domain::Agent>> voice_agent(const core::Result<std::optional<AgentRecord>>& record) {
  if (!record) return tl::unexpected(record.error());
  std::optional<domain::Agent> found;
  if (record->has_value() && (*record)->channel == domain::Channel::voice) {
    auto agent = to_agent(**record);
    if (!agent) return tl::unexpected(agent.error());
    found = std::move(*agent);
  }
  return found;
}

}  // namespace

core::Task<core::Result<std::optional<AgentRecord>>> AgentStore::find_record(std::string organization_id,
                                                                             std::string agent_id,
                                                                             VersionChoice version) {
  auto statement = select_one(std::move(organization_id), std::move(agent_id), version);
  co_return first(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::optional<domain::Agent>>> AgentStore::snapshot(std::string organization_id,
                                                                            std::string agent_id,
                                                                            VersionChoice version) {
  const auto key = organization_id + "/" + agent_id;
  auto text = co_await snapshot_text(organization_id, agent_id, version);
  if (!text) co_return tl::unexpected(text.error());
  if (auto known = agents_.recall(key, *text)) co_return std::move(*known);
  auto agent = voice_agent(read_snapshot(*text));
  // Rows that another version of this program wrote into the cache: the database knows.
  if (!agent) co_return co_await find(std::move(organization_id), std::move(agent_id), std::move(version));
  if (*agent) agents_.remember(key, std::move(*text), **agent);
  co_return agent;
}

core::Task<core::Result<std::optional<AgentRecord>>> AgentStore::record_snapshot(std::string organization_id,
                                                                                 std::string agent_id,
                                                                                 VersionChoice version) {
  CachePlace place{agent_group(organization_id, agent_id), cache_name(version)};
  auto statement = select_one(std::move(organization_id), std::move(agent_id), version);
  co_return first(co_await cached_query(database_, std::move(place), std::move(statement)));
}

core::Task<core::Result<std::string>> AgentStore::snapshot_text(std::string organization_id, std::string agent_id,
                                                                const VersionChoice& version) {
  CachePlace place{agent_group(organization_id, agent_id), cache_name(version)};
  auto statement = select_one(std::move(organization_id), std::move(agent_id), version);
  return cached_text(database_, std::move(place), std::move(statement));
}

core::Result<std::optional<AgentRecord>> AgentStore::read_snapshot(std::string_view text) {
  return first(read_cached(text));
}

core::Task<core::Result<std::optional<domain::Agent>>> AgentStore::find(std::string organization_id,
                                                                        std::string agent_id, VersionChoice version) {
  co_return voice_agent(co_await find_record(std::move(organization_id), std::move(agent_id), std::move(version)));
}

core::Task<core::Result<Page<AgentRecord>>> AgentStore::list(std::string organization_id, PageQuery query,
                                                             std::optional<domain::Channel> channel) {
  const auto place = co_await check_place(database_, organization_id, query.after, "agents", "agent_id");
  if (!place) co_return tl::unexpected(place.error());
  Statement statement;
  statement.sql = std::string(select) +
                  " AS a WHERE organization_id = $1 AND version = (SELECT MAX(b.version) FROM agents AS b "
                  "WHERE b.organization_id = a.organization_id AND b.agent_id = a.agent_id)";
  statement.params = {std::move(organization_id)};
  if (channel) {
    statement.sql += " AND channel = $2";
    statement.params.emplace_back(json::enum_name(*channel));
  }
  append_page(statement, query, "agents", "agent_id");
  const auto rows = co_await database_.query(std::move(statement));
  auto records = to_records(rows);
  if (!records) co_return tl::unexpected(records.error());
  co_return cut_page(std::move(*records), query.limit,
                     [](const AgentRecord& record) { return page_key(record.created_at, record.agent_id); });
}

core::Task<core::Result<std::vector<AgentRecord>>> AgentStore::list_versions(
    std::string organization_id, domain::Channel channel, int limit, std::string after_id,
    std::optional<std::int32_t> after_version) {
  const auto place = co_await check_place(database_, organization_id, after_id, "agents", "agent_id");
  if (!place) co_return tl::unexpected(place.error());
  if (is_page_key(after_id)) co_return tl::unexpected<core::Error>(no_such_page());  // the key here is an agent's id
  Statement statement;
  statement.sql = std::string(select) + " WHERE organization_id = $1 AND channel = $2";
  statement.params = {std::move(organization_id), json::enum_name(channel), limit};
  if (!after_id.empty()) {
    // Without a version the whole agent has been seen.
    statement.sql +=
        " AND (created_at, agent_id, version) < (SELECT created_at, agent_id, $5 + 0 FROM agents WHERE organization_id "
        "= "
        "$1 AND agent_id = $4 LIMIT 1)";
    statement.params.emplace_back(std::move(after_id));
    statement.params.emplace_back(after_version.value_or(0));
  }
  statement.sql += " ORDER BY created_at DESC, agent_id DESC, version DESC LIMIT $3";
  co_return to_records(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::vector<AgentRecord>>> AgentStore::versions(std::string organization_id,
                                                                        std::string agent_id) {
  Statement statement;
  statement.sql =
      std::string(select) + " WHERE organization_id = $1 AND agent_id = $2 ORDER BY version DESC LIMIT 1000";
  statement.params = {std::move(organization_id), std::move(agent_id)};
  co_return to_records(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::vector<std::string>>> AgentStore::using_engine(std::string organization_id,
                                                                            std::string engine_id) {
  Statement statement;
  statement.sql =
      "SELECT DISTINCT agent_id FROM agents WHERE organization_id = $1 AND (llm_id = $2 OR flow_id = $2) LIMIT 10";
  statement.params = {std::move(organization_id), std::move(engine_id)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<std::string> ids;
  for (const auto& row : *rows) ids.push_back(row.text(0));
  co_return ids;
}

core::Task<core::Result<std::int32_t>> AgentStore::next_version(std::string organization_id, std::string agent_id) {
  Statement statement;
  statement.sql =
      "SELECT MAX(number) FROM (SELECT version AS number FROM agents WHERE organization_id = $1 AND agent_id = $2 "
      "UNION "
      "ALL SELECT highest FROM agent_version_numbers WHERE organization_id = $1 AND agent_id = $2) AS given";
  statement.params = {std::move(organization_id), std::move(agent_id)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return static_cast<std::int32_t>(rows->front().maybe_integer(0).value_or(-1) + 1);
}

Statement AgentStore::take_version(const std::string& organization_id, const std::string& agent_id,
                                   std::int32_t version) {
  auto statement = keep_version(organization_id, agent_id, version);
  statement.at_least_rows = 1;
  return statement;
}

Statement AgentStore::keep_version(const std::string& organization_id, const std::string& agent_id,
                                   std::int32_t version) {
  Statement statement;
  statement.sql =
      "INSERT INTO agent_version_numbers (organization_id, agent_id, highest) VALUES ($1, $2, $3) ON CONFLICT "
      "(organization_id, agent_id) DO UPDATE SET highest = excluded.highest WHERE agent_version_numbers.highest < "
      "excluded.highest RETURNING highest";
  statement.params = {organization_id, agent_id, version};
  return statement;
}

Statement AgentStore::insert(const std::string& organization_id, const AgentRecord& agent) {
  Statement statement;
  // Where it is not known when the first version was made, it is looked up.
  const bool known = agent.created_at > 0 || agent.version == 0;
  statement.sql =
      std::string(
          "INSERT INTO agents (organization_id, agent_id, channel, version, base_version, is_published, llm_id, "
          "flow_id, settings, modified_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ") +
      (known ? "$11)"
             : "COALESCE((SELECT created_at FROM agents WHERE organization_id = $1 AND agent_id = $2 LIMIT 1), $11))");
  statement.params = {organization_id,
                      agent.agent_id,
                      json::enum_name(agent.channel),
                      agent.version,
                      agent.base_version,
                      agent.is_published,
                      engine_id(agent, "llm_id"),
                      engine_id(agent, "conversation_flow_id"),
                      json::dump(agent.settings),
                      agent.modified_at,
                      agent.created_at > 0 ? agent.created_at : agent.modified_at};
  statement.shares = true;
  statement.makes = agent.agent_id;
  statement.invalidates = {agent_group(organization_id, agent.agent_id)};
  return statement;
}

Statement AgentStore::update_draft(const std::string& organization_id, const AgentRecord& agent) {
  Statement statement;
  statement.sql =
      "UPDATE agents SET settings = $4, llm_id = $5, flow_id = $6, modified_at = $7, is_published = $8 WHERE "
      "organization_id = $1 AND agent_id = $2 AND version = $3 AND is_published = 0 RETURNING version";
  statement.params = {organization_id,
                      agent.agent_id,
                      agent.version,
                      json::dump(agent.settings),
                      engine_id(agent, "llm_id"),
                      engine_id(agent, "conversation_flow_id"),
                      agent.modified_at,
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
