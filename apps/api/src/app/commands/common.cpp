#include "app/commands/common.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <unistd.h>

#include "app/configuration_check.hpp"
#include "core/describe.hpp"
#include "providers/local/model_store.hpp"
#include "providers/remote/vendors.hpp"
#include "storage/db/open.hpp"

namespace retell::app {

tl::expected<config::Config, int> load_config(const CommonOptions& options) {
  config::Sources sources;
  sources.file = options.config_file;
  if (sources.file.empty() && std::filesystem::exists("retell.toml")) sources.file = "retell.toml";
  sources.environment = config::process_environment();
  sources.overrides = options.overrides;
  for (const auto& vendor : providers::remote::vendors()) sources.vendors.emplace_back(vendor.name);
  if (options.whole) sources.check = check_configuration;
  for (const auto& name : config::unknown_variables(sources))
    fmt::print(stderr, "retell: warning: {} is not a setting (see docs/configuration.md)\n", name);
  auto loaded = config::load(sources);
  if (loaded) return std::move(*loaded);
  fmt::print(stderr, "retell: {}\n", loaded.error().message);
  return tl::unexpected(options.overrides.contains(loaded.error().field) ? misused : 1);
}

core::Result<std::unique_ptr<storage::Database>> open_database(const config::Config& config, core::Logger log) {
  const auto& database = config.database;
  return storage::open_database(config.database_url(),
                                {database.password, static_cast<std::size_t>(database.max_connections), database.wait,
                                 database.query_timeout, std::move(log)});
}

std::filesystem::path models_dir(const config::Config& config) {
  if (!config.models.dir.empty()) return config.models.dir;
  return providers::local::ModelStore::default_cache_dir();
}

int tell(const core::Error& error) {
  fmt::print(stderr, "retell: {}\n", core::described(error));
  return 1;
}

}  // namespace retell::app
