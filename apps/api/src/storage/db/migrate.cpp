#include "storage/db/migrate.hpp"

#include "core/clock.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::storage {

core::Task<core::Result<std::vector<std::string>>> migrate(Database& database, std::vector<Migration> migrations) {
  Statement create;
  create.sql =
      "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
      "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
  auto created = co_await database.execute(std::move(create));
  if (!created) co_return tl::unexpected(created.error());
  Statement select;
  select.sql = "SELECT version, name, checksum FROM schema_migrations ORDER BY version";
  const auto applied = co_await database.query(std::move(select));
  if (!applied) co_return tl::unexpected(applied.error());
  if (applied->size() > migrations.size()) {
    co_return core::fail(core::ErrorCode::precondition, "the database is newer than this program");
  }
  std::vector<std::string> ran;
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    const auto& migration = migrations[i];
    const auto checksum = crypto::to_hex(crypto::sha256(migration.sql));
    if (i < applied->size()) {
      const auto& row = (*applied)[i];
      if (row.integer(0) != migration.version || row.text(2) != checksum) {
        co_return core::fail(core::ErrorCode::precondition,
                             "migration " + row.text(1) + " in the database differs from this program's");
      }
      continue;
    }
    Statement record;
    record.sql = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
    const auto now = core::epoch_ms(core::SystemClock().wall());
    record.params = {migration.version, migration.name, checksum, now};
    auto done = co_await database.script(migration.sql, std::move(record));
    if (!done) co_return tl::unexpected(done.error());
    ran.push_back(migration.name);
  }
  co_return ran;
}

}  // namespace retell::storage
