#include "app/commands/migrate.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <filesystem>

#include "app/commands/common.hpp"
#include "app/home.hpp"
#include "storage/db/migrate.hpp"

namespace retell::app {
namespace {

constexpr int something_to_do = 3;

// The file of an SQLite database that is still to be made. To open it would make it, and whoever asks wants nothing to
// change.
std::optional<std::string> missing_file(const config::Config& config) {
  constexpr std::string_view scheme = "sqlite:";
  const auto url = config.database_url();
  if (!url.starts_with(scheme)) return std::nullopt;
  auto path = url.substr(scheme.size());
  std::error_code problem;
  const auto kind = std::filesystem::status(path, problem).type();
  if (kind != std::filesystem::file_type::not_found) return std::nullopt;
  return path;
}

}  // namespace

int migrate_up(const config::Config& config, bool quiet) {
  const auto home = open_home(config);
  if (!home) return tell(home.error());
  if (quiet) return 0;
  for (const auto& name : home->applied) fmt::print("applied {}\n", name);
  if (home->applied.empty()) fmt::print("nothing to do: the database is up to date\n");
  return 0;
}

int migrate_status(const config::Config& config) {
  if (const auto path = missing_file(config)) {
    fmt::print("there is no database yet: {} (retell serve and retell migrate up make it)\n", *path);
    return something_to_do;
  }
  auto database = open_database(config);
  if (!database) return tell(database.error());
  const auto states = run_to_end(storage::migration_status(**database, storage::embedded_migrations()));
  if (!states) return tell(states.error());
  int status = 0;
  for (const auto& state : *states) {
    std::string word = "to come";
    if (state.applied_at) {
      word = fmt::format("applied {:%FT%TZ}", fmt::gmtime(static_cast<std::time_t>(*state.applied_at / 1000)));
    } else {
      status = something_to_do;
    }
    if (state.changed) word += ", but its text has changed since";
    if (state.unknown) word += ", by a newer program";
    if (state.changed) status = 1;
    fmt::print("{:<24} {}\n", state.name, word);
  }
  return status;
}

}  // namespace retell::app
