// API keys, by the digest of the key.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct ApiKey {
  std::string id;
  std::string organization_id;
  std::string name;
  std::string hash;
  std::string hint;
  std::int64_t created_at = 0;
};

class ApiKeyStore {
 public:
  explicit ApiKeyStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<>> insert(ApiKey key);
  // Nothing for unknown and revoked keys.
  [[nodiscard]] core::Task<core::Result<std::optional<ApiKey>>> find_by_hash(std::string hash);
  [[nodiscard]] core::Task<core::Result<std::vector<ApiKey>>> list(std::string organization_id);  // live ones
  [[nodiscard]] core::Task<core::Result<bool>> revoke(std::string organization_id, std::string id, std::int64_t now_ms);

 private:
  Database& database_;
};

}  // namespace retell::storage
