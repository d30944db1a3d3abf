#include "app/commands/backup.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <ctime>

#include "app/commands/common.hpp"
#include "app/progress.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite_backup.hpp"

namespace retell::app {
namespace {

core::Result<std::string> sqlite_path(const config::Config& config) {
  constexpr std::string_view sqlite = "sqlite:";
  const auto url = config.database_url();
  if (url.starts_with(sqlite)) return url.substr(sqlite.size());
  return core::fail(core::ErrorCode::precondition,
                    "the database is PostgreSQL: use pg_dump and pg_restore, as docs/backup.md shows");
}

}  // namespace

int backup(const config::Config& config, std::string to, bool force) {
  const auto database = sqlite_path(config);
  if (!database) return tell(database.error());
  if (to.empty()) {
    to = fmt::format("{}/backups/retell-{:%Y%m%d-%H%M%S}.db", config.data_dir, fmt::gmtime(std::time(nullptr)));
  }
  const auto facts = storage::back_up_sqlite(*database, to, force);
  if (!facts) return tell(facts.error());
  fmt::print("{} ({}, schema version {}, checked)\n", to, human_bytes(facts->bytes), facts->schema_version);
  return 0;
}

int restore(const config::Config& config, const std::string& from, bool force) {
  const auto database = sqlite_path(config);
  if (!database) return tell(database.error());
  std::filesystem::path kept;
  const auto newest = storage::embedded_migrations().back().version;
  const auto facts = storage::restore_sqlite(from, *database, newest, force, kept);
  if (!facts) return tell(facts.error());
  fmt::print("{} is restored from {} (schema version {})\n", *database, from, facts->schema_version);
  if (!kept.empty()) fmt::print("what was there is kept as {}\n", kept.string());
  return 0;
}

}  // namespace retell::app
