#include "storage/stores/document_store.hpp"

#include <fmt/format.h>

#include "json/text.hpp"
#include "storage/stores/stored_json.hpp"

namespace retell::storage {
namespace {

constexpr int changes_tried = 16;
constexpr int search_step = 500;

std::string_view table_of(DocumentKind kind) {
  using enum DocumentKind;
  switch (kind) {
    case flow_component:
      return "flow_components";
    case knowledge_base:
      return "knowledge_bases";
    case test_case:
      return "test_cases";
    case chat:
      return "chats";
    case contact:
      return "contacts";
    case asset:
      return "assets";
    case job_report:
      return "job_reports";
  }
  return {};
}

core::Result<std::vector<Document>> to_documents(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Document> documents;
  for (const auto& row : *rows) {
    auto body = json::parse(row.text(2), stored_limits);
    if (!body) return tl::unexpected(body.error());
    documents.push_back({.id = row.text(0),
                         .lookup = row.text(1),
                         .body = std::move(body->as_object()),
                         .created_at = row.integer(3),
                         .modified_at = row.integer(4),
                         .revision = row.integer(5),
                         .expires_at = row.size() > 6 ? row.maybe_integer(6) : std::nullopt,
                         .closes_at = row.size() > 7 ? row.maybe_integer(7) : std::nullopt});
  }
  return documents;
}

core::Result<std::optional<Document>> only(core::Result<std::vector<Document>> documents) {
  if (!documents) return tl::unexpected(documents.error());
  std::optional<Document> found;
  if (!documents->empty()) found = std::move(documents->front());
  return found;
}

tl::unexpected<core::Error> changed_by_many() {
  return core::fail(core::ErrorCode::conflict, "it is being changed by many at once");
}

}  // namespace

DocumentStore::DocumentStore(Database& database, DocumentKind kind)
    : database_(database), table_(table_of(kind)), timed_(kind == DocumentKind::chat) {}

std::string DocumentStore::select() const {
  return fmt::format("SELECT id, lookup, body, created_at, modified_at, revision{} FROM {} WHERE organization_id = $1",
                     timed_ ? ", expires_at, closes_at" : "", table_);
}

core::Task<core::Result<std::optional<Document>>> DocumentStore::find(std::string organization_id, std::string id) {
  Statement statement{select() + " AND id = $2", {std::move(organization_id), std::move(id)}};
  co_return only(to_documents(co_await database_.query(std::move(statement))));
}

core::Task<core::Result<std::optional<Document>>> DocumentStore::find_by(std::string organization_id,
                                                                         std::string lookup) {
  Statement statement{select() + " AND lookup = $2 ORDER BY created_at DESC, id DESC LIMIT 1",
                      {std::move(organization_id), std::move(lookup)}};
  co_return only(to_documents(co_await database_.query(std::move(statement))));
}

core::Task<core::Result<Page<Document>>> DocumentStore::list(std::string organization_id, PageQuery query,
                                                             std::optional<std::string> lookup) {
  const auto place = co_await check_place(database_, organization_id, query.after, table_, "id");
  if (!place) co_return tl::unexpected(place.error());
  Statement statement{select(), {std::move(organization_id)}};
  if (lookup) {
    statement.sql += " AND lookup = $2";
    statement.params.emplace_back(std::move(*lookup));
  }
  append_page(statement, query, table_, "id");
  const auto rows = co_await database_.query(std::move(statement));
  auto documents = to_documents(rows);
  if (!documents) co_return tl::unexpected(documents.error());
  co_return cut_page(std::move(*documents), query.limit,
                     [](const Document& document) { return page_key(document.created_at, document.id); });
}

core::Task<core::Result<DocumentStore::Found>> DocumentStore::search(std::string organization_id, Search search) {
  Found found;
  std::int64_t total = 0;
  auto cursor = search.page;
  cursor.limit = search_step;
  for (bool more = true; more;) {
    auto some = co_await list(organization_id, cursor, search.lookup);
    if (!some) co_return tl::unexpected(some.error());
    for (auto& document : some->items) {
      if (search.fits && !search.fits(document)) continue;
      if (++total <= search.skip) continue;
      if (found.page.items.size() < static_cast<std::size_t>(search.page.limit))
        found.page.items.push_back(std::move(document));
      else
        found.page.has_more = true;
    }
    more = some->has_more && (search.include_total || !found.page.has_more);
    cursor.after = some->next;
  }
  if (found.page.has_more && !found.page.items.empty()) {
    const auto& last = found.page.items.back();
    found.page.next = page_key(last.created_at, last.id);
  }
  if (search.include_total) found.total = total;
  co_return found;
}

Statement DocumentStore::insertion(const std::string& organization_id, const Document& document) const {
  Statement statement{
      fmt::format("INSERT INTO {} (organization_id, id, lookup, body, revision, created_at, modified_at{}) VALUES "
                  "($1, $2, $3, $4, 0, $5, $6{})",
                  table_, timed_ ? ", expires_at, closes_at" : "", timed_ ? ", $7, $8" : ""),
      {organization_id, document.id, document.lookup, json::dump(document.body), document.created_at,
       document.modified_at}};
  if (timed_) {
    statement.params.emplace_back(document.expires_at);
    statement.params.emplace_back(document.closes_at);
  }
  statement.makes = document.id;
  return statement;
}

core::Task<core::Result<>> DocumentStore::insert(std::string organization_id, Document document) {
  const auto done = co_await database_.execute(insertion(organization_id, document));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

Statement DocumentStore::replacement(const std::string& organization_id, const Document& document) const {
  Statement statement{
      fmt::format("UPDATE {} SET lookup = $3, body = $4, modified_at = $5, revision = revision + 1{} WHERE "
                  "organization_id = $1 AND id = $2 AND revision = $6 RETURNING id",
                  table_, timed_ ? ", expires_at = $7, closes_at = $8" : ""),
      {organization_id, document.id, document.lookup, json::dump(document.body), document.modified_at,
       document.revision}};
  if (timed_) {
    statement.params.emplace_back(document.expires_at);
    statement.params.emplace_back(document.closes_at);
  }
  return statement;
}

core::Task<core::Result<std::optional<Document>>> DocumentStore::change(std::string organization_id, std::string id,
                                                                        Change how) {
  for (int tried = 0; tried < changes_tried; ++tried) {
    auto found = co_await find(organization_id, id);
    if (!found || !found->has_value()) co_return found;
    if (const auto done = how(**found); !done) co_return tl::unexpected(done.error());
    const auto rows = co_await database_.execute(replacement(organization_id, **found));
    if (!rows) co_return tl::unexpected(rows.error());
    if (!rows->empty()) co_return found;
  }
  co_return changed_by_many();
}

core::Task<core::Result<std::optional<Document>>> DocumentStore::change_with(std::string organization_id,
                                                                             std::string id, ChangeWith how) {
  for (int tried = 0; tried < changes_tried; ++tried) {
    auto found = co_await find(organization_id, id);
    if (!found || !found->has_value()) co_return found;
    auto more = how(**found);
    if (!more) co_return tl::unexpected(more.error());
    std::vector<Statement> statements;
    statements.push_back(replacement(organization_id, **found));
    statements.back().at_least_rows = 1;
    for (auto& statement : *more) statements.push_back(std::move(statement));
    const auto done = co_await database_.transaction(std::move(statements));
    if (done) co_return found;
    if (done.error().code != core::ErrorCode::conflict) co_return tl::unexpected(done.error());
  }
  co_return changed_by_many();
}

core::Task<core::Result<std::vector<DocumentKey>>> DocumentStore::due(std::string column, std::int64_t now_ms,
                                                                      std::string after_id, int limit) {
  const auto rows = co_await database_.query(
      {fmt::format("SELECT organization_id, id FROM {0} WHERE {1} <= $1 AND id > $2 ORDER BY id LIMIT $3", table_,
                   column),
       {now_ms, std::move(after_id), limit}});
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<DocumentKey> keys;
  for (const auto& row : *rows) keys.push_back({row.text(0), row.text(1)});
  co_return keys;
}

core::Task<core::Result<std::vector<DocumentKey>>> DocumentStore::expired(std::int64_t now_ms, std::string after_id,
                                                                          int limit) {
  co_return co_await due("expires_at", now_ms, std::move(after_id), limit);
}

core::Task<core::Result<std::vector<DocumentKey>>> DocumentStore::closing(std::int64_t now_ms, std::string after_id,
                                                                          int limit) {
  co_return co_await due("closes_at", now_ms, std::move(after_id), limit);
}

Statement DocumentStore::upsertion(const std::string& organization_id, const Document& document) const {
  auto statement = insertion(organization_id, document);
  statement.sql +=
      " ON CONFLICT (organization_id, lookup) DO UPDATE SET body = excluded.body, modified_at = excluded.modified_at, "
      "revision = " +
      table_ + ".revision + 1";
  return statement;
}

Statement DocumentStore::removal(const std::string& organization_id, const std::string& id) const {
  return {"DELETE FROM " + table_ + " WHERE organization_id = $1 AND id = $2 RETURNING id", {organization_id, id}};
}

core::Task<core::Result<bool>> DocumentStore::remove(std::string organization_id, std::string id) {
  const auto rows = co_await database_.execute(removal(organization_id, id));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

}  // namespace retell::storage
