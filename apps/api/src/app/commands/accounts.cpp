#include "app/commands/accounts.hpp"

#include <fmt/core.h>

#include <ctime>

#include "app/home.hpp"

namespace retell::app {

Accounts::Accounts(std::unique_ptr<storage::Database> opened, const config::Config& config, const std::string& secret)
    : database(std::move(opened)),
      cache(clock, 16),
      guard(*database, clock),
      keys(*database, cache, clock, secret),
      workspaces(*database, cache, clock, workspace_defaults(config)),
      users(*database, cache, passwords, guard, clock),
      audit(*database, clock) {}

core::Result<std::unique_ptr<Accounts>> open_accounts(const config::Config& config) {
  auto home = open_home(config);
  if (!home) return tl::unexpected(home.error());
  auto accounts = std::make_unique<Accounts>(std::move(home->database), config, home->secret);
  auto organization = run_to_end(accounts->keys.ensure_organization(config.organization.name));
  if (!organization) return tl::unexpected(organization.error());
  accounts->secret = std::move(home->secret);
  accounts->first_workspace = organization->id;
  return accounts;
}

std::string utc(std::int64_t epoch_ms) {
  const std::time_t seconds = epoch_ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min);
}

}  // namespace retell::app
