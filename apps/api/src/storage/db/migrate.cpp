#include "storage/db/migrate.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::storage {
namespace {

using core::ErrorCode;

const std::string& text_for(const Migration& migration, Dialect dialect) {
  return dialect == Dialect::postgres && !migration.postgres.empty() ? migration.postgres : migration.sql;
}

std::string checksum(const std::string& text) { return crypto::to_hex(crypto::sha256(text)); }

Script script_for(const Migration& migration, Dialect dialect) {
  const auto& text = text_for(migration, dialect);
  Script script;
  script.sql = text;
  script.unless = {"SELECT version FROM schema_migrations WHERE version = $1", {migration.version}};
  script.record = {"INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                   {migration.version, migration.name, checksum(text), core::epoch_ms(core::SystemClock().wall())}};
  return script;
}

}  // namespace

core::Task<core::Result<std::vector<MigrationState>>> migration_status(Database& database,
                                                                       std::vector<Migration> migrations) {
  std::vector<MigrationState> states;
  for (const auto& migration : migrations) states.push_back({migration.version, migration.name});
  const auto there = co_await database.query(
      {database.dialect() == Dialect::postgres
           ? "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = "
             "'schema_migrations'"
           : "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"});
  if (!there) co_return tl::unexpected(there.error());
  if (there->empty()) co_return states;
  const auto rows =
      co_await database.query({"SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version"});
  if (!rows) co_return tl::unexpected(rows.error());
  for (const auto& row : *rows) {
    const auto found = std::find_if(migrations.begin(), migrations.end(),
                                    [&](const auto& migration) { return migration.version == row.integer(0); });
    if (found == migrations.end()) {
      states.push_back({static_cast<int>(row.integer(0)), row.text(1), row.integer(3), false, true});
      continue;
    }
    auto& state = states[static_cast<std::size_t>(found - migrations.begin())];
    state.applied_at = row.integer(3);
    state.changed = row.text(2) != checksum(text_for(*found, database.dialect()));
  }
  co_return states;
}

core::Task<core::Result<std::vector<std::string>>> migrate(Database& database, std::vector<Migration> migrations) {
  const auto created = co_await database.script(
      {"CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
       "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)"});
  if (!created) co_return tl::unexpected(created.error());
  const auto states = co_await migration_status(database, migrations);
  if (!states) co_return tl::unexpected(states.error());
  for (const auto& state : *states) {
    if (state.unknown) co_return core::fail(ErrorCode::precondition, "the database is newer than this program");
    if (state.changed) {
      co_return core::fail(ErrorCode::precondition,
                           "migration " + state.name + " in the database differs from this program's");
    }
  }
  std::vector<std::string> ran;
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if ((*states)[i].applied_at) continue;
    auto script = script_for(migrations[i], database.dialect());
    const auto done = co_await database.script(std::move(script));
    if (!done) co_return tl::unexpected(done.error());
    if (*done) ran.push_back(migrations[i].name);
  }
  co_return ran;
}

}  // namespace retell::storage
