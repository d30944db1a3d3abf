#include "storage/stores/api_key_store.hpp"

#include "json/read.hpp"
#include "json/text.hpp"
#include "json/write.hpp"

namespace retell::storage {
namespace {

constexpr auto columns =
    "SELECT id, organization_id, name, hash, hint, created_at, kind, scopes, allowed_origins, created_by, last_used_at "
    "FROM api_keys ";

ApiKey to_key(const Row& row) {
  ApiKey key{.id = row.text(0),
             .organization_id = row.text(1),
             .name = row.text(2),
             .hash = row.text(3),
             .hint = row.text(4),
             .created_at = row.integer(5),
             .kind = row.text(6),
             .scopes = row.text(7),
             .created_by = row.text(9),
             .last_used_at = row.maybe_integer(10)};
  if (const auto origins = json::parse(row.text(8))) {
    key.allowed_origins = json::read<std::vector<std::string>>(*origins).value_or(std::vector<std::string>{});
  }
  return key;
}

}  // namespace

core::Task<core::Result<>> ApiKeyStore::insert(ApiKey key) {
  Statement statement;
  statement.sql =
      "INSERT INTO api_keys (id, organization_id, name, hash, hint, created_at, kind, scopes, allowed_origins, "
      "created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
  statement.params = {key.id,
                      key.organization_id,
                      key.name,
                      key.hash,
                      key.hint,
                      key.created_at,
                      key.kind,
                      key.scopes,
                      json::dump(json::write(key.allowed_origins)),
                      key.created_by};
  statement.makes = key.id;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<ApiKey>>> ApiKeyStore::one(Statement statement) {
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::optional<ApiKey> key;
  if (!rows->empty()) key = to_key(rows->front());
  co_return key;
}

core::Task<core::Result<std::optional<ApiKey>>> ApiKeyStore::find_by_hash(std::string hash) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE hash = $1 AND revoked_at IS NULL";
  statement.params = {std::move(hash)};
  co_return co_await one(std::move(statement));
}

core::Task<core::Result<std::optional<ApiKey>>> ApiKeyStore::find(std::string organization_id, std::string id) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";
  statement.params = {std::move(organization_id), std::move(id)};
  co_return co_await one(std::move(statement));
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

core::Task<core::Result<bool>> ApiKeyStore::update(ApiKey key) {
  Statement statement;
  statement.sql =
      "UPDATE api_keys SET name = $3, scopes = $4, allowed_origins = $5 WHERE organization_id = $1 AND id = $2 AND "
      "revoked_at IS NULL RETURNING id";
  statement.params = {key.organization_id, key.id, key.name, key.scopes, json::dump(json::write(key.allowed_origins))};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
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

core::Task<core::Result<>> ApiKeyStore::touch(std::string organization_id, std::string id, std::int64_t now_ms) {
  Statement statement;
  statement.sql = "UPDATE api_keys SET last_used_at = $3 WHERE organization_id = $1 AND id = $2";
  statement.params = {std::move(organization_id), std::move(id), now_ms};
  statement.aside = true;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

}  // namespace retell::storage
