// Tenants. The API calls them workspaces; the tables, organisations.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct Organization {
  std::string id;
  std::string name;
  std::string webhook_key;  // sealed; empty: none yet
  std::int64_t created_at = 0;
  std::string webhook_key_id = {};                           // the API key that it is
  std::string webhook_url = {};                              // for agents without one of their own; empty: none
  std::optional<std::int64_t> max_requests_per_second = {};  // nothing: the server's default
  std::optional<std::int64_t> max_concurrent_calls = {};
};

class OrganizationStore {
 public:
  explicit OrganizationStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<>> insert(Organization organization);
  // Only when there is none yet, also when several processes do it at once.
  [[nodiscard]] core::Task<core::Result<>> insert_first(Organization organization);
  [[nodiscard]] core::Task<core::Result<std::optional<Organization>>> find(std::string id);
  [[nodiscard]] core::Task<core::Result<std::optional<Organization>>> first();  // the oldest
  [[nodiscard]] core::Task<core::Result<std::vector<Organization>>> list();     // oldest first; for the operator
  // Name, webhook address and limits; false when there is no such organisation.
  [[nodiscard]] core::Task<core::Result<bool>> update(Organization organization);
  [[nodiscard]] core::Task<core::Result<>> set_webhook_key(std::string id, std::string key_id, std::string sealed);

  [[nodiscard]] static Statement insert_statement(const Organization& organization);

 private:
  Database& database_;
};

}  // namespace retell::storage
