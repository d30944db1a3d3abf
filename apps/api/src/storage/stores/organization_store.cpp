#include "storage/stores/organization_store.hpp"

namespace retell::storage {
namespace {

core::Result<std::optional<Organization>> one(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  const auto& row = rows->front();
  return Organization{row.text(0), row.text(1), row.text(2), row.integer(3)};
}

Statement insertion(const Organization& organization) {
  return {"INSERT INTO organizations (id, name, webhook_key, created_at) VALUES ($1, $2, $3, $4)",
          {organization.id, organization.name, organization.webhook_key, organization.created_at}};
}

}  // namespace

core::Task<core::Result<>> OrganizationStore::insert_first(Organization organization) {
  Script script;
  script.sql = "SELECT 1";
  script.unless = {"SELECT id FROM organizations LIMIT 1"};
  script.record = insertion(organization);
  const auto ran = co_await database_.script(std::move(script));
  if (!ran) co_return tl::unexpected(ran.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> OrganizationStore::insert(Organization organization) {
  const auto rows = co_await database_.execute(insertion(organization));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<Organization>>> OrganizationStore::find(std::string id) {
  Statement statement;
  statement.sql = "SELECT id, name, webhook_key, created_at FROM organizations WHERE id = $1";
  statement.params = {std::move(id)};
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::optional<Organization>>> OrganizationStore::first() {
  Statement statement;
  statement.sql = "SELECT id, name, webhook_key, created_at FROM organizations ORDER BY created_at, id LIMIT 1";
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<>> OrganizationStore::set_webhook_key(std::string id, std::string sealed) {
  Statement statement;
  statement.sql = "UPDATE organizations SET webhook_key = $2 WHERE id = $1";
  statement.params = {std::move(id), std::move(sealed)};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

}  // namespace retell::storage
