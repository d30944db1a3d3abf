#include "storage/stores/api_key_store.hpp"

namespace retell::storage {
namespace {

ApiKey to_key(const Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5)};
}

constexpr auto columns = "SELECT id, organization_id, name, hash, hint, created_at FROM api_keys ";

}  // namespace

core::Task<core::Result<>> ApiKeyStore::insert(ApiKey key) {
  Statement statement;
  statement.sql =
      "INSERT INTO api_keys (id, organization_id, name, hash, hint, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
  statement.params = {key.id, key.organization_id, key.name, key.hash, key.hint, key.created_at};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<ApiKey>>> ApiKeyStore::find_by_hash(std::string hash) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE hash = $1 AND revoked_at IS NULL";
  statement.params = {std::move(hash)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::optional<ApiKey> key;
  if (!rows->empty()) key = to_key(rows->front());
  co_return key;
}

core::Task<core::Result<std::vector<ApiKey>>> ApiKeyStore::list(std::string organization_id) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE organization_id = $1 AND revoked_at IS NULL ORDER BY created_at, id";
  statement.params = {std::move(organization_id)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<ApiKey> keys;
  for (const auto& row : *rows) keys.push_back(to_key(row));
  co_return keys;
}

core::Task<core::Result<bool>> ApiKeyStore::revoke(std::string organization_id, std::string id, std::int64_t now_ms) {
  Statement statement;
  statement.sql =
      "UPDATE api_keys SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id";
  statement.params = {std::move(organization_id), std::move(id), now_ms};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

}  // namespace retell::storage
