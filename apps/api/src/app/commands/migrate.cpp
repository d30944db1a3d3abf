#include "app/commands/migrate.hpp"

#include <fmt/core.h>

#include "app/commands/common.hpp"
#include "app/home.hpp"

namespace retell::app {

int migrate(const config::Config& config, bool quiet) {
  const auto home = open_home(config);
  if (!home) return tell(home.error());
  if (quiet) return 0;
  for (const auto& name : home->applied) fmt::print("applied {}\n", name);
  if (home->applied.empty()) fmt::print("nothing to do: the database is up to date\n");
  return 0;
}

}  // namespace retell::app
