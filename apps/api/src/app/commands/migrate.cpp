#include "app/commands/migrate.hpp"

#include <fmt/core.h>

#include "app/commands/common.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/open.hpp"

namespace retell::app {

int migrate(const config::Config& config, bool quiet) {
  auto database = storage::open_database(config.database_url());
  if (!database) return tell(database.error());
  const auto ran = run_to_end(storage::migrate(**database, storage::embedded_migrations()));
  if (!ran) return tell(ran.error());
  if (quiet) return 0;
  for (const auto& name : *ran) fmt::print("applied {}\n", name);
  if (ran->empty()) fmt::print("nothing to do: the database is up to date\n");
  return 0;
}

}  // namespace retell::app
