#include "storage/stores/engine_store.hpp"

#include <fmt/format.h>

#include "json/text.hpp"
#include "storage/stores/cached_rows.hpp"
#include "storage/stores/stored_json.hpp"

namespace retell::storage {
namespace {

core::Result<std::vector<EngineRecord>> to_records(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<EngineRecord> records;
  for (const auto& row : *rows) {
    const auto document = json::parse(row.text(4), stored_limits);
    if (!document) return tl::unexpected(document.error());
    records.push_back({.id = row.text(0),
                       .version = static_cast<std::int32_t>(row.integer(1)),
                       .is_published = row.integer(2) != 0,
                       .modified_at = row.integer(3),
                       .created_at = row.integer(5),
                       .settings = document->as_object()});
  }
  return records;
}

std::string select(const EngineTable& table, std::string_view alias) {
  return fmt::format(
      "SELECT {1}, version, is_published, modified_at, settings, created_at FROM {0} AS {2} WHERE organization_id = $1",
      table.name, table.id_column, alias);
}

Statement select_one(const EngineTable& table, std::string organization_id, std::string id,
                     const VersionChoice& version) {
  using Kind = VersionChoice::Kind;
  Statement statement;
  statement.sql = select(table, "e") + fmt::format(" AND {} = $2", table.id_column);
  statement.params = {std::move(organization_id), std::move(id)};
  if (version.kind == Kind::exact) {
    statement.sql += " AND version = $3";
    statement.params.emplace_back(version.number);
  } else if (version.kind == Kind::latest_published) {
    statement.sql += " AND is_published = 1";
  }
  statement.sql += " ORDER BY version DESC LIMIT 1";
  return statement;
}

core::Result<std::optional<EngineRecord>> first(const core::Result<Rows>& rows) {
  auto records = to_records(rows);
  if (!records) return tl::unexpected(records.error());
  std::optional<EngineRecord> found;
  if (!records->empty()) found = std::move(records->front());
  return found;
}

}  // namespace

core::Task<core::Result<std::optional<EngineRecord>>> EngineStore::find(std::string organization_id, std::string id,
                                                                        VersionChoice version) {
  if (version.kind == VersionChoice::Kind::tag) co_return std::optional<EngineRecord>{};
  co_return first(co_await database_.query(select_one(table_, std::move(organization_id), std::move(id), version)));
}

core::Task<core::Result<std::optional<EngineRecord>>> EngineStore::snapshot(std::string organization_id, std::string id,
                                                                            VersionChoice version) {
  if (version.kind == VersionChoice::Kind::tag) co_return std::optional<EngineRecord>{};
  CachePlace place{engine_group(table_, organization_id, id), cache_name(version)};
  auto statement = select_one(table_, std::move(organization_id), std::move(id), version);
  co_return first(co_await cached_query(database_, std::move(place), std::move(statement)));
}

core::Task<core::Result<Page<EngineRecord>>> EngineStore::list(std::string organization_id, PageQuery query) {
  const auto place = co_await check_place(database_, organization_id, query.after, std::string(table_.name),
                                          std::string(table_.id_column));
  if (!place) co_return tl::unexpected(place.error());
  Statement statement;
  statement.sql =
      select(table_, "a") + fmt::format(
                                " AND version = (SELECT MAX(b.version) FROM {0} AS b WHERE b.organization_id = "
                                "a.organization_id AND b.{1} = a.{1})",
                                table_.name, table_.id_column);
  statement.params = {std::move(organization_id)};
  append_page(statement, query, table_.name, table_.id_column);
  const auto rows = co_await database_.query(std::move(statement));
  auto records = to_records(rows);
  if (!records) co_return tl::unexpected(records.error());
  co_return cut_page(std::move(*records), query.limit,
                     [](const EngineRecord& record) { return page_key(record.created_at, record.id); });
}

core::Task<core::Result<std::vector<EngineRecord>>> EngineStore::mentioning(std::string organization_id,
                                                                            std::string text) {
  Statement statement{select(table_, "e") + " AND settings LIKE $2", {std::move(organization_id), "%" + text + "%"}};
  co_return to_records(co_await database_.query(std::move(statement)));
}

Statement EngineStore::insert(EngineTable table, const std::string& organization_id, const EngineRecord& record) {
  Statement statement;
  // See AgentStore::insert().
  const bool known = record.created_at > 0 || record.version == 0;
  const auto looked_up =
      fmt::format("COALESCE((SELECT created_at FROM {} WHERE organization_id = $1 AND {} = $2 LIMIT 1), $7)",
                  table.name, table.id_column);
  statement.sql = fmt::format(
      "INSERT INTO {} (organization_id, {}, version, is_published, settings, modified_at, created_at) VALUES ($1, $2, "
      "$3, $4, $5, $6, {})",
      table.name, table.id_column, known ? "$7" : looked_up);
  statement.params = {organization_id,
                      record.id,
                      record.version,
                      record.is_published,
                      json::dump(record.settings),
                      record.modified_at,
                      record.created_at > 0 ? record.created_at : record.modified_at};
  statement.shares = true;
  statement.makes = record.id;
  statement.invalidates = {engine_group(table, organization_id, record.id)};
  return statement;
}

Statement EngineStore::update_draft(EngineTable table, const std::string& organization_id, const EngineRecord& record) {
  Statement statement;
  statement.sql = fmt::format(
      "UPDATE {0} SET settings = $4, modified_at = $5 WHERE organization_id = $1 AND {1} = $2 AND version = $3 AND "
      "is_published = 0 RETURNING version",
      table.name, table.id_column);
  statement.params = {organization_id, record.id, record.version, json::dump(record.settings), record.modified_at};
  statement.invalidates = {engine_group(table, organization_id, record.id)};
  statement.at_least_rows = 1;
  return statement;
}

Statement EngineStore::rewrite(EngineTable table, const std::string& organization_id, const EngineRecord& record) {
  Statement statement;
  statement.sql = fmt::format("UPDATE {0} SET settings = $4 WHERE organization_id = $1 AND {1} = $2 AND version = $3",
                              table.name, table.id_column);
  statement.params = {organization_id, record.id, record.version, json::dump(record.settings)};
  statement.invalidates = {engine_group(table, organization_id, record.id)};
  return statement;
}

Statement EngineStore::publish(EngineTable table, const std::string& organization_id, const std::string& id,
                               std::int32_t version) {
  Statement statement;
  statement.sql = fmt::format(
      "UPDATE {0} SET is_published = 1 WHERE organization_id = $1 AND {1} = $2 AND version = $3 "
      "RETURNING version",
      table.name, table.id_column);
  statement.params = {organization_id, id, version};
  statement.invalidates = {engine_group(table, organization_id, id)};
  statement.at_least_rows = 1;
  return statement;
}

Statement EngineStore::remove(EngineTable table, const std::string& organization_id, const std::string& id) {
  Statement statement;
  statement.sql = fmt::format("DELETE FROM {0} WHERE organization_id = $1 AND {1} = $2 RETURNING version", table.name,
                              table.id_column);
  statement.params = {organization_id, id};
  statement.invalidates = {engine_group(table, organization_id, id)};
  return statement;
}

}  // namespace retell::storage
