#include "storage/stores/audit_store.hpp"

namespace retell::storage {
namespace {

constexpr auto columns =
    "id, organization_id, at, actor_kind, actor_id, actor_name, action, target, address, user_agent, request_id";

AuditEntry to_entry(const Row& row) {
  return {row.text(0), row.text(1), row.integer(2), row.text(3), row.text(4), row.text(5),
          row.text(6), row.text(7), row.text(8),    row.text(9), row.text(10)};
}

}  // namespace

Statement AuditStore::insertion(const AuditEntry& entry) {
  Statement statement;
  statement.sql = std::string("INSERT INTO audit_log (") + columns +
                  ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING";
  statement.params = {entry.id,       entry.organization_id, entry.at,        entry.actor_kind,
                      entry.actor_id, entry.actor_name,      entry.action,    entry.target,
                      entry.address,  entry.user_agent,      entry.request_id};
  statement.shares = true;
  return statement;
}

core::Task<core::Result<>> AuditStore::add(AuditEntry entry) {
  const auto rows = co_await database_.execute(insertion(entry));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<Page<AuditEntry>>> AuditStore::list(std::string organization_id, AuditQuery query) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns + " FROM audit_log WHERE organization_id = $1";
  statement.params = {std::move(organization_id)};
  const auto and_where = [&](std::string_view condition, Param value) {
    statement.params.push_back(std::move(value));
    statement.sql += " AND " + std::string(condition) + " $" + std::to_string(statement.params.size());
  };
  if (!query.after.empty()) and_where("id <", query.after);
  if (!query.actor_id.empty()) and_where("actor_id =", query.actor_id);
  if (!query.action.empty()) and_where("action =", query.action);
  if (query.from > 0) and_where("at >=", query.from);
  if (query.to > 0) and_where("at <", query.to);
  statement.params.emplace_back(query.limit + 1);
  statement.sql += " ORDER BY id DESC LIMIT $" + std::to_string(statement.params.size());
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  Page<AuditEntry> page;
  for (const auto& row : *rows) page.items.push_back(to_entry(row));
  page.has_more = page.items.size() > static_cast<std::size_t>(query.limit);
  if (page.has_more) page.items.pop_back();
  if (page.has_more) page.next = page.items.back().id;
  co_return page;
}

}  // namespace retell::storage
