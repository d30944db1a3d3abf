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
  std::string kind = "secret";  // or public: for browsers of the allowed origins
  std::string scopes = {};      // JSON, area to access; empty: all
  std::vector<std::string> allowed_origins = {};
  std::string created_by = {};  // who made it; empty: the command line
  std::optional<std::int64_t> last_used_at = {};
};

class ApiKeyStore {
 public:
  explicit ApiKeyStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<>> insert(ApiKey key);
  // Nothing for unknown and revoked keys.
  [[nodiscard]] core::Task<core::Result<std::optional<ApiKey>>> find_by_hash(std::string hash);
  [[nodiscard]] core::Task<core::Result<std::optional<ApiKey>>> find(std::string organization_id, std::string id);
  [[nodiscard]] core::Task<core::Result<std::vector<ApiKey>>> list(std::string organization_id);  // live ones
  // Name, scopes and origins; false for unknown and revoked keys.
  [[nodiscard]] core::Task<core::Result<bool>> update(ApiKey key);
  [[nodiscard]] core::Task<core::Result<bool>> revoke(std::string organization_id, std::string id, std::int64_t now_ms);
  [[nodiscard]] core::Task<core::Result<>> touch(std::string organization_id, std::string id, std::int64_t now_ms);

 private:
  [[nodiscard]] core::Task<core::Result<std::optional<ApiKey>>> one(Statement statement);
  Database& database_;
};

}  // namespace retell::storage
