#include "app/commands/keys.hpp"

#include <fmt/core.h>

#include <ctime>

#include "app/commands/common.hpp"
#include "app/home.hpp"
#include "services/api_key_service.hpp"
#include "storage/cache/memory_cache.hpp"

namespace retell::app {
namespace {

// The key service over the configured database, brought up to date first.
struct Keys {
  core::SystemClock clock;
  storage::MemoryCache cache{clock, 16};
  std::unique_ptr<storage::Database> database;
  std::unique_ptr<services::ApiKeyService> service;
  std::string organization_id;
};

core::Result<std::unique_ptr<Keys>> open(const config::Config& config) {
  auto keys = std::make_unique<Keys>();
  auto home = open_home(config);
  if (!home) return tl::unexpected(home.error());
  keys->database = std::move(home->database);
  keys->service = std::make_unique<services::ApiKeyService>(*keys->database, keys->cache, keys->clock, home->secret);
  auto organization = run_to_end(keys->service->ensure_organization(config.organization.name));
  if (!organization) return tl::unexpected(organization.error());
  keys->organization_id = organization->id;
  return keys;
}

std::string date(std::int64_t epoch_ms) {
  const std::time_t seconds = epoch_ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min);
}

}  // namespace

int keys_create(const config::Config& config, const std::string& name, bool quiet) {
  auto keys = open(config);
  if (!keys) return tell(keys.error());
  const auto made = run_to_end((*keys)->service->create((*keys)->organization_id, name));
  if (!made) return tell(made.error());
  if (quiet)
    fmt::print("{}\n", made->key);
  else
    fmt::print("{}\n\nKeep it: only its hash is stored. Its id, for `keys revoke`, is {}.\n", made->key, made->id);
  return 0;
}

int keys_list(const config::Config& config, bool quiet) {
  auto keys = open(config);
  if (!keys) return tell(keys.error());
  const auto listed = run_to_end((*keys)->service->list((*keys)->organization_id));
  if (!listed) return tell(listed.error());
  if (!quiet) fmt::print("{:<40} {:<20} {:<14} {}\n", "ID", "NAME", "ENDS IN", "CREATED (UTC)");
  for (const auto& key : *listed) {
    if (quiet)
      fmt::print("{}\n", key.id);
    else
      fmt::print("{:<40} {:<20} {:<14} {}\n", key.id, key.name, key.hint, date(key.created_at));
  }
  return 0;
}

int keys_revoke(const config::Config& config, const std::string& id) {
  auto keys = open(config);
  if (!keys) return tell(keys.error());
  const auto revoked = run_to_end((*keys)->service->revoke((*keys)->organization_id, id));
  if (!revoked) return tell(revoked.error());
  fmt::print("{} is revoked; running servers refuse it within {} s\n", id, services::ApiKeyService::remembered.count());
  return 0;
}

}  // namespace retell::app
