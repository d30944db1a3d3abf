// What the commands about people and workspaces share: the services over the configured database.
#pragma once
#include <memory>
#include <string>

#include "app/commands/common.hpp"
#include "app/stores.hpp"
#include "core/clock.hpp"
#include "services/api_key_service.hpp"
#include "services/audit_service.hpp"
#include "services/user_service.hpp"
#include "services/workspace_service.hpp"
#include "storage/cache/shared_state.hpp"

namespace retell::app {

struct Accounts {
  Accounts(std::unique_ptr<storage::Database> opened, const config::Config& config, const StoreAddresses& addresses,
           const std::string& secret);

  core::SystemClock clock;
  core::Metrics metrics;
  std::unique_ptr<storage::SharedState> shared;  // so that running servers see the changes at once
  std::unique_ptr<storage::Database> database;
  storage::Cache& cache;
  services::PasswordHasher passwords;
  services::SignInGuard guard;
  services::ApiKeyService keys;
  services::WorkspaceService workspaces;
  services::UserService users;
  services::AuditService audit;
  std::string secret;           // that signs and seals
  std::string first_workspace;  // made when there was none
};

[[nodiscard]] core::Result<std::unique_ptr<Accounts>> open_accounts(const config::Config& config);

// "2026-11-26 18:05", UTC.
[[nodiscard]] std::string utc(std::int64_t epoch_ms);

}  // namespace retell::app
