#include "storage/stores/llm_store.hpp"

#include "json/text.hpp"
#include "storage/stores/cached_rows.hpp"

namespace retell::storage {
namespace {

constexpr auto columns = "llm_id, version, is_published, modified_at, settings";

core::Result<std::vector<domain::RetellLlm>> to_llms(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<domain::RetellLlm> llms;
  for (const auto& row : *rows) {
    domain::RetellLlm llm;
    llm.llm_id = row.text(0);
    llm.version = static_cast<std::int32_t>(row.integer(1));
    llm.is_published = row.integer(2) != 0;
    llm.last_modification_timestamp = row.integer(3);
    const auto document = json::parse(row.text(4));
    if (!document) return tl::unexpected(document.error());
    auto settings = json::read<domain::LlmSettings>(*document);
    if (!settings) return core::fail(core::ErrorCode::io, "LLM " + llm.llm_id + ": " + settings.error().message);
    llm.settings = std::move(*settings);
    llms.push_back(std::move(llm));
  }
  return llms;
}

Statement select_one(std::string organization_id, std::string llm_id, VersionChoice version) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns + " FROM llms WHERE organization_id = $1 AND llm_id = $2";
  statement.params = {std::move(organization_id), std::move(llm_id)};
  if (version.kind == VersionChoice::Kind::exact) {
    statement.sql += " AND version = $3";
    statement.params.emplace_back(version.number);
  } else if (version.kind == VersionChoice::Kind::latest_published) {
    statement.sql += " AND is_published = 1";
  }
  statement.sql += " ORDER BY version DESC LIMIT 1";
  return statement;
}

core::Result<std::optional<domain::RetellLlm>> first(const core::Result<Rows>& rows) {
  auto llms = to_llms(rows);
  if (!llms) return tl::unexpected(llms.error());
  std::optional<domain::RetellLlm> found;
  if (!llms->empty()) found = std::move(llms->front());
  return found;
}

}  // namespace

core::Task<core::Result<std::optional<domain::RetellLlm>>> LlmStore::find(std::string organization_id,
                                                                          std::string llm_id, VersionChoice version) {
  co_return first(co_await database_.query(select_one(std::move(organization_id), std::move(llm_id), version)));
}

core::Task<core::Result<std::optional<domain::RetellLlm>>> LlmStore::snapshot(std::string organization_id,
                                                                              std::string llm_id,
                                                                              VersionChoice version) {
  CachePlace place{llm_group(organization_id, llm_id), version.name()};
  auto statement = select_one(std::move(organization_id), std::move(llm_id), version);
  co_return first(co_await cached_query(database_, std::move(place), std::move(statement)));
}

core::Task<core::Result<Page<domain::RetellLlm>>> LlmStore::list(std::string organization_id, PageQuery query) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns +
                  " FROM llms AS a WHERE organization_id = $1 AND version = (SELECT MAX(b.version) FROM llms AS b "
                  "WHERE b.organization_id = a.organization_id AND b.llm_id = a.llm_id)";
  statement.params = {std::move(organization_id)};
  append_page(statement, query, "llms", "llm_id");
  const auto rows = co_await database_.query(std::move(statement));
  auto llms = to_llms(rows);
  if (!llms) co_return tl::unexpected(llms.error());
  Page<domain::RetellLlm> page;
  page.has_more = llms->size() > static_cast<std::size_t>(query.limit);
  if (page.has_more) llms->pop_back();
  if (page.has_more && !llms->empty()) page.next = llms->back().llm_id;
  page.items = std::move(*llms);
  co_return page;
}

Statement LlmStore::insert(const std::string& organization_id, const domain::RetellLlm& llm) {
  Statement statement;
  statement.sql =
      "INSERT INTO llms (organization_id, llm_id, version, is_published, settings, created_at, modified_at) VALUES "
      "($1, $2, $3, $4, $5, COALESCE((SELECT created_at FROM llms WHERE organization_id = $1 AND llm_id = $2 LIMIT 1), "
      "$6), $6)";
  statement.params = {organization_id,
                      llm.llm_id,
                      llm.version,
                      llm.is_published,
                      json::dump(to_json(llm.settings)),
                      llm.last_modification_timestamp};
  statement.invalidates = {llm_group(organization_id, llm.llm_id)};
  return statement;
}

Statement LlmStore::update_draft(const std::string& organization_id, const domain::RetellLlm& llm) {
  Statement statement;
  statement.sql =
      "UPDATE llms SET settings = $4, modified_at = $5 WHERE organization_id = $1 AND llm_id = $2 AND version = $3 AND "
      "is_published = 0 RETURNING version";
  statement.params = {organization_id, llm.llm_id, llm.version, json::dump(to_json(llm.settings)),
                      llm.last_modification_timestamp};
  statement.invalidates = {llm_group(organization_id, llm.llm_id)};
  statement.at_least_rows = 1;
  return statement;
}

Statement LlmStore::remove(const std::string& organization_id, const std::string& llm_id) {
  Statement statement;
  statement.sql = "DELETE FROM llms WHERE organization_id = $1 AND llm_id = $2 RETURNING version";
  statement.params = {organization_id, llm_id};
  statement.invalidates = {llm_group(organization_id, llm_id)};
  return statement;
}

Statement LlmStore::publish(const std::string& organization_id, const std::string& llm_id, std::int32_t version) {
  Statement statement;
  statement.sql =
      "UPDATE llms SET is_published = 1 WHERE organization_id = $1 AND llm_id = $2 AND version = $3 RETURNING version";
  statement.params = {organization_id, llm_id, version};
  statement.invalidates = {llm_group(organization_id, llm_id)};
  statement.at_least_rows = 1;
  return statement;
}

}  // namespace retell::storage
