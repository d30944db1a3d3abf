#include "app/commands/accounts.hpp"

#include <fmt/core.h>

#include <ctime>

#include "app/home.hpp"
#include "storage/cache/cached_database.hpp"

namespace retell::app {

using namespace std::chrono_literals;

Accounts::Accounts(std::unique_ptr<storage::Database> opened, const config::Config& config,
                   const StoreAddresses& addresses, const std::string& secret)
    : shared(make_shared_state(config, addresses, 0, clock, metrics, {})),
      database(std::make_unique<storage::AuditedDatabase>(
          std::make_unique<storage::CachedDatabase>(std::move(opened), shared->cache()))),
      cache(shared->cache()),
      guard(*database, clock),
      keys(*database, cache, clock, secret),
      workspaces(*database, cache, clock, workspace_defaults(config)),
      users(*database, cache, passwords, guard, clock),
      audit(*database, clock) {}

core::Result<std::unique_ptr<Accounts>> open_accounts(const config::Config& config) {
  const auto addresses = read_addresses(config);
  if (!addresses) return tl::unexpected(addresses.error());
  auto home = open_home(config);
  if (!home) return tl::unexpected(home.error());
  auto accounts = std::make_unique<Accounts>(std::move(home->database), config, *addresses, home->secret);
  if (!accounts->shared->wait_until_up(2s)) {
    fmt::print(stderr, "Redis does not answer: running servers may see changes up to a minute late.\n");
  }
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
