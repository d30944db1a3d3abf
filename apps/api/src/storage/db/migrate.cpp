#include "storage/db/migrate.hpp"

#include <algorithm>
#include <regex>

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

// "-- contract: oldest 0045" in a migration's text; 0 when it takes nothing away.
int oldest_program(const std::string& text) {
  static const std::regex line("(?:^|\n)-- contract: oldest ([0-9]{1,6})");
  std::smatch found;
  return std::regex_search(text, found, line) ? std::stoi(found[1].str()) : 0;
}

Script script_for(const Migration& migration, Dialect dialect) {
  const auto& text = text_for(migration, dialect);
  Script script;
  script.sql = text;
  script.unless = {"SELECT version FROM schema_migrations WHERE version = $1", {migration.version}};
  script.record = {"INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                   {migration.version, migration.name, checksum(text), core::epoch_ms(core::SystemClock().wall())}};
  if (const int oldest = oldest_program(text); oldest > 0) {
    script.record.sql =
        "INSERT INTO schema_migrations (version, name, checksum, applied_at, oldest) VALUES ($1, $2, $3, $4, $5)";
    script.record.params.emplace_back(std::int64_t{oldest});
  }
  return script;
}

// Of a database that a newer program has changed: whether it has left what this one needs, whose newest migration this
// is.
core::Task<core::Result<>> check_newer(Database& database, int newest, const std::vector<MigrationState>& states) {
  for (const auto& state : states) {
    if (state.unknown && state.version < newest) {
      co_return core::fail(ErrorCode::precondition,
                           "the database has the migration " + state.name + ", which this program does not know");
    }
  }
  const auto rows = co_await database.query(
      {"SELECT oldest FROM schema_migrations WHERE version > $1 ORDER BY oldest DESC LIMIT 1", {std::int64_t{newest}}});
  if (!rows) co_return tl::unexpected(rows.error());
  if (rows->empty() || rows->front().integer(0) <= newest) co_return core::Result<>{};
  co_return core::fail(ErrorCode::precondition,
                       "the database is newer than this program and needs one that knows migration " +
                           std::to_string(rows->front().integer(0)) + "; this one's newest is " +
                           std::to_string(newest));
}

}  // namespace

core::Task<core::Result<std::vector<MigrationState>>> migration_status(Database& database,
                                                                       std::vector<Migration> migrations) {
  std::vector<MigrationState> states;
  states.reserve(migrations.size());
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
    if (state.changed) {
      co_return core::fail(ErrorCode::precondition,
                           "migration " + state.name + " in the database differs from this program's");
    }
  }
  const bool newer = std::any_of(states->begin(), states->end(), [](const auto& state) { return state.unknown; });
  if (newer) {
    const auto usable = co_await check_newer(database, migrations.empty() ? 0 : migrations.back().version, *states);
    if (!usable) co_return tl::unexpected(usable.error());
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
