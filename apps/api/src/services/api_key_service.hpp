// Tenants' keys. A key is shown once; its digest is stored. One key of an organisation also signs its webhooks, so that
// one is stored sealed as well. Any thread.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/memo.hpp"
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

struct KeyWish {
  std::string name;
  // Nothing: everything that a key has without being asked (domain::grants_of_full_key; a public key: making calls).
  std::optional<domain::Grants> grants = {};
  bool is_public = false;  // for browsers: only from `allowed_origins`, and only what the route table opens to them
  std::vector<std::string> allowed_origins = {};
  bool signs_webhooks = false;  // from now on, instead of the key that did
  std::string created_by = {};  // a user's id
};

// What may be changed of a key.
struct KeyChange {
  std::optional<std::string> name = {};
  std::optional<domain::Grants> grants = {};
  std::optional<std::vector<std::string>> allowed_origins = {};
};

class ApiKeyService {
 public:
  ApiKeyService(storage::Database& database, storage::Cache& cache, const core::Clock& clock, std::string secret);

  // The organisation of this server; made when there is none.
  [[nodiscard]] core::Task<core::Result<storage::Organization>> ensure_organization(std::string name);
  // The first secret key of an organisation signs its webhooks, wished or not. invalid names the field.
  [[nodiscard]] core::Task<core::Result<NewApiKey>> create(std::string organization_id, KeyWish wish);
  [[nodiscard]] core::Task<core::Result<NewApiKey>> create(std::string organization_id, std::string name) {
    return create(std::move(organization_id), KeyWish{.name = std::move(name)});
  }
  // A key that is stored nowhere: good in this process alone, for as long as it runs.
  [[nodiscard]] std::string lend(const storage::Organization& organization, std::string name);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::ApiKey>>> list(std::string organization_id);
  // not_found for unknown and revoked keys.
  [[nodiscard]] core::Task<core::Result<storage::ApiKey>> get(std::string organization_id, std::string key_id);
  [[nodiscard]] core::Task<core::Result<storage::ApiKey>> change(std::string organization_id, std::string key_id,
                                                                 KeyChange change);
  // not_found for an unknown key; invalid for the key that signs webhooks, where another must be marked before, unless
  // `even_the_webhook_key`: then the next secret key that is made signs them, and until then none is sent. Processes
  // that share no cache may accept the key for `remembered` more.
  [[nodiscard]] core::Task<core::Result<>> revoke(std::string organization_id, std::string key_id,
                                                  bool even_the_webhook_key = false);

  // Makes a key the one that signs webhooks. Only its digest is stored, so the key itself must be shown once more;
  // invalid when it is another.
  [[nodiscard]] core::Task<core::Result<>> sign_webhooks_with(std::string organization_id, std::string key_id,
                                                              std::string key);
  [[nodiscard]] core::Task<core::Result<std::string>> webhook_key_id(std::string organization_id);

  // unauthorized for unknown and revoked keys. Where a public key comes from is for the caller to check.
  [[nodiscard]] core::Task<core::Result<Principal>> authenticate(std::string key);
  // The key that signs webhooks and tool requests; precondition when the organisation has none yet.
  [[nodiscard]] core::Task<core::Result<std::string>> signing_key(std::string organization_id);
  // Seals another small secret as the signing key is sealed, with the server's own.
  [[nodiscard]] std::string seal(std::string_view plain, std::string_view purpose) const;

  static constexpr std::chrono::seconds remembered{15};

 private:
  struct Opened {
    std::string key;
    core::TimePoint until;
  };
  [[nodiscard]] core::Task<core::Result<>> seal_webhook_key(std::string organization_id, std::string key_id,
                                                            std::string key);
  [[nodiscard]] core::Task<core::Result<>> set_webhook_key(std::string organization_id, std::string key_id,
                                                           std::string sealed);
  [[nodiscard]] core::Task<core::Result<Principal>> look_up(std::string hash, std::string token);

  storage::ApiKeyStore keys_;
  storage::OrganizationStore organizations_;
  storage::Cache& cache_;
  const core::Clock& clock_;
  std::string secret_;
  core::Memo<Principal> principals_{4'096};  // by the group of their cache
  std::mutex mutex_;
  std::unordered_map<std::string, Opened> signing_keys_;  // by organisation, in this process only
  std::unordered_map<std::string, Principal> lent_;       // by the key's hash
};

}  // namespace retell::services
