// Tenants.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct Organization {
  std::string id;
  std::string name;
  std::string webhook_key;  // sealed; empty: none yet
  std::int64_t created_at = 0;
};

class OrganizationStore {
 public:
  explicit OrganizationStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<>> insert(Organization organization);
  // Only when there is none yet, also when several processes do it at once.
  [[nodiscard]] core::Task<core::Result<>> insert_first(Organization organization);
  [[nodiscard]] core::Task<core::Result<std::optional<Organization>>> find(std::string id);
  [[nodiscard]] core::Task<core::Result<std::optional<Organization>>> first();  // the oldest
  [[nodiscard]] core::Task<core::Result<>> set_webhook_key(std::string id, std::string sealed);

 private:
  Database& database_;
};

}  // namespace retell::storage
