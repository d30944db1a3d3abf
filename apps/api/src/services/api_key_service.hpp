// Tenants and their keys. A key is shown once; its digest is stored. The first key of an organisation also signs its
// webhooks, so that one is stored sealed as well. Any thread.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/principal.hpp"
#include "storage/cache/cache.hpp"
#include "storage/stores/api_key_store.hpp"
#include "storage/stores/organization_store.hpp"

namespace retell::services {

struct NewApiKey {
  std::string id;
  std::string key;  // the only time that it is seen
};

class ApiKeyService {
 public:
  ApiKeyService(storage::Database& database, storage::Cache& cache, const core::Clock& clock, std::string secret);

  // The organisation of this server; made when there is none.
  [[nodiscard]] core::Task<core::Result<storage::Organization>> ensure_organization(std::string name);
  [[nodiscard]] core::Task<core::Result<NewApiKey>> create(std::string organization_id, std::string name);
  // A key that is stored nowhere: good in this process alone, for as long as it runs.
  [[nodiscard]] std::string lend(const storage::Organization& organization, std::string name);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::ApiKey>>> list(std::string organization_id);
  // not_found for an unknown key. Processes that share no cache may accept the key for
  // `remembered` more.
  [[nodiscard]] core::Task<core::Result<>> revoke(std::string organization_id, std::string key_id);

  // unauthorized for unknown and revoked keys.
  [[nodiscard]] core::Task<core::Result<Principal>> authenticate(std::string key);
  // The key that signs webhooks and tool requests; precondition when the organisation has none yet.
  [[nodiscard]] core::Task<core::Result<std::string>> signing_key(std::string organization_id);

  static constexpr std::chrono::seconds remembered{15};

 private:
  storage::ApiKeyStore keys_;
  storage::OrganizationStore organizations_;
  storage::Cache& cache_;
  const core::Clock& clock_;
  std::string secret_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> signing_keys_;  // by organisation; opened once, in this process only
  std::unordered_map<std::string, Principal> lent_;            // by the key's hash
};

}  // namespace retell::services
