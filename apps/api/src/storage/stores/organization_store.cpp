#include "storage/stores/organization_store.hpp"

namespace retell::storage {
namespace {

constexpr auto columns =
    "SELECT id, name, webhook_key, created_at, webhook_key_id, webhook_url, max_requests_per_second, "
    "max_concurrent_calls FROM organizations ";

Organization to_organization(const Row& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .webhook_key = row.text(2),
          .created_at = row.integer(3),
          .webhook_key_id = row.text(4),
          .webhook_url = row.text(5),
          .max_requests_per_second = row.maybe_integer(6),
          .max_concurrent_calls = row.maybe_integer(7)};
}

core::Result<std::optional<Organization>> one(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  return to_organization(rows->front());
}

}  // namespace

Statement OrganizationStore::insert_statement(const Organization& organization) {
  Statement statement;
  statement.sql =
      "INSERT INTO organizations (id, name, webhook_key, created_at, webhook_key_id, webhook_url, "
      "max_requests_per_second, max_concurrent_calls) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
  statement.params = {organization.id,
                      organization.name,
                      organization.webhook_key,
                      organization.created_at,
                      organization.webhook_key_id,
                      organization.webhook_url,
                      organization.max_requests_per_second,
                      organization.max_concurrent_calls};
  statement.makes = organization.id;
  return statement;
}

core::Task<core::Result<>> OrganizationStore::insert_first(Organization organization) {
  Script script;
  script.sql = "SELECT 1";
  script.unless = {"SELECT id FROM organizations LIMIT 1"};
  script.record = insert_statement(organization);
  const auto ran = co_await database_.script(std::move(script));
  if (!ran) co_return tl::unexpected(ran.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> OrganizationStore::insert(Organization organization) {
  const auto rows = co_await database_.execute(insert_statement(organization));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<Organization>>> OrganizationStore::find(std::string id) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE id = $1";
  statement.params = {std::move(id)};
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::optional<Organization>>> OrganizationStore::first() {
  Statement statement;
  statement.sql = std::string(columns) + "ORDER BY created_at, id LIMIT 1";
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::vector<Organization>>> OrganizationStore::list() {
  Statement statement;
  statement.sql = std::string(columns) + "ORDER BY created_at, id";
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<Organization> all;
  for (const auto& row : *rows) all.push_back(to_organization(row));
  co_return all;
}

core::Task<core::Result<bool>> OrganizationStore::update(Organization organization) {
  Statement statement;
  statement.sql =
      "UPDATE organizations SET name = $2, webhook_url = $3, max_requests_per_second = $4, max_concurrent_calls = $5 "
      "WHERE id = $1 RETURNING id";
  statement.params = {organization.id, organization.name, organization.webhook_url,
                      organization.max_requests_per_second, organization.max_concurrent_calls};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<>> OrganizationStore::set_webhook_key(std::string id, std::string key_id, std::string sealed) {
  Statement statement;
  statement.sql = "UPDATE organizations SET webhook_key = $2, webhook_key_id = $3 WHERE id = $1";
  statement.params = {std::move(id), std::move(sealed), std::move(key_id)};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

}  // namespace retell::storage
