#include "storage/stores/agent_tag_store.hpp"

#include "json/read.hpp"
#include "json/text.hpp"
#include "json/write.hpp"
#include "storage/stores/cached_rows.hpp"
#include "storage/stores/stored_json.hpp"

namespace retell::storage {
namespace {

constexpr auto select = "SELECT agent_id, tag, version, dynamic_variables FROM agent_tags WHERE organization_id = $1";

core::Result<std::vector<AgentTag>> to_tags(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<AgentTag> tags;
  for (const auto& row : *rows) {
    const auto document = json::parse(row.text(3), stored_limits);
    if (!document) return tl::unexpected(document.error());
    auto variables = json::read<domain::TextMap>(*document);
    if (!variables) return tl::unexpected(variables.error());
    tags.push_back({row.text(0), row.text(1), static_cast<std::int32_t>(row.integer(2)), std::move(*variables)});
  }
  return tags;
}

CachePlace tags_place(const std::string& organization_id, const std::string& agent_id) {
  return {agent_group(organization_id, agent_id), "tags", true};
}

Statement select_all(std::string organization_id, std::string agent_id) {
  return {std::string(select) + " AND agent_id = $2 ORDER BY created_at, tag",
          {std::move(organization_id), std::move(agent_id)}};
}

}  // namespace

core::Task<core::Result<std::vector<AgentTag>>> AgentTagStore::of(std::string organization_id,
                                                                  std::vector<std::string> agent_ids) {
  if (agent_ids.empty()) co_return std::vector<AgentTag>{};
  Statement statement;
  statement.params = {std::move(organization_id)};
  std::string places;
  for (auto& id : agent_ids) {
    statement.params.emplace_back(std::move(id));
    places += (places.empty() ? "$" : ", $") + std::to_string(statement.params.size());
  }
  statement.sql = std::string(select) + " AND agent_id IN (" + places + ") ORDER BY agent_id, created_at, tag";
  co_return to_tags(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::vector<AgentTag>>> AgentTagStore::snapshots(std::string organization_id,
                                                                         std::string agent_id) {
  auto place = tags_place(organization_id, agent_id);
  auto statement = select_all(std::move(organization_id), std::move(agent_id));
  co_return to_tags(co_await cached_query(database_, std::move(place), std::move(statement)));
}

core::Task<core::Result<std::string>> AgentTagStore::snapshots_text(std::string organization_id, std::string agent_id) {
  auto place = tags_place(organization_id, agent_id);
  auto statement = select_all(std::move(organization_id), std::move(agent_id));
  return cached_text(database_, std::move(place), std::move(statement));
}

core::Result<std::vector<AgentTag>> AgentTagStore::read_snapshots(std::string_view text) {
  return to_tags(read_cached(text));
}

core::Task<core::Result<std::optional<AgentTag>>> AgentTagStore::snapshot(std::string organization_id,
                                                                          std::string agent_id, std::string tag) {
  CachePlace place{agent_group(organization_id, agent_id), "variables:" + tag};
  Statement statement{std::string(select) + " AND agent_id = $2 AND tag = $3",
                      {std::move(organization_id), std::move(agent_id), std::move(tag)}};
  auto tags = to_tags(co_await cached_query(database_, std::move(place), std::move(statement)));
  if (!tags) co_return tl::unexpected(tags.error());
  std::optional<AgentTag> found;
  if (!tags->empty()) found = std::move(tags->front());
  co_return found;
}

core::Task<core::Result<>> AgentTagStore::set(std::string organization_id, AgentTag tag, std::int64_t now) {
  Statement statement;
  statement.sql =
      "INSERT INTO agent_tags (organization_id, agent_id, tag, version, dynamic_variables, created_at) VALUES ($1, $2, "
      "$3, $4, $5, $6) ON CONFLICT (organization_id, agent_id, tag) DO UPDATE SET version = excluded.version, "
      "dynamic_variables = excluded.dynamic_variables";
  // Calls look tags' versions and variables up by way of the agent's part of the cache.
  statement.invalidates = {agent_group(organization_id, tag.agent_id)};
  statement.params = {std::move(organization_id),
                      tag.agent_id,
                      tag.tag,
                      tag.version,
                      json::dump(json::write(tag.dynamic_variables)),
                      now};
  const auto done = co_await database_.execute(std::move(statement));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<bool>> AgentTagStore::remove(std::string organization_id, std::string agent_id,
                                                     std::string tag) {
  Statement statement;
  statement.sql = "DELETE FROM agent_tags WHERE organization_id = $1 AND agent_id = $2 AND tag = $3 RETURNING tag";
  statement.invalidates = {agent_group(organization_id, agent_id)};
  statement.params = {std::move(organization_id), std::move(agent_id), std::move(tag)};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

Statement AgentTagStore::remove_all(const std::string& organization_id, const std::string& agent_id) {
  Statement statement{"DELETE FROM agent_tags WHERE organization_id = $1 AND agent_id = $2",
                      {organization_id, agent_id}};
  statement.invalidates = {agent_group(organization_id, agent_id)};
  return statement;
}

Statement AgentTagStore::remove_of(const std::string& organization_id, const std::string& agent_id,
                                   std::int32_t version) {
  Statement statement{"DELETE FROM agent_tags WHERE organization_id = $1 AND agent_id = $2 AND version = $3",
                      {organization_id, agent_id, version}};
  statement.invalidates = {agent_group(organization_id, agent_id)};
  return statement;
}

}  // namespace retell::storage
