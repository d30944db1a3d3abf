#include "app/commands/migrate.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include "app/commands/common.hpp"
#include "app/home.hpp"
#include "storage/db/migrate.hpp"

namespace retell::app {

int migrate_up(const config::Config& config, bool quiet) {
  const auto home = open_home(config);
  if (!home) return tell(home.error());
  if (quiet) return 0;
  for (const auto& name : home->applied) fmt::print("applied {}\n", name);
  if (home->applied.empty()) fmt::print("nothing to do: the database is up to date\n");
  return 0;
}

int migrate_status(const config::Config& config) {
  auto database = open_database(config);
  if (!database) return tell(database.error());
  const auto states = run_to_end(storage::migration_status(**database, storage::embedded_migrations()));
  if (!states) return tell(states.error());
  constexpr int something_to_do = 3;
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
