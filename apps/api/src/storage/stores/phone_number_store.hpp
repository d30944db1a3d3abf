// Phone numbers, the documents of the API keyed by number.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "json/value.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct PhoneNumber {
  std::string phone_number;  // E.164
  std::string organization_id;
  json::Object body;
  std::int64_t modified_at = 0;
};

class PhoneNumberStore {
 public:
  explicit PhoneNumberStore(Database& database) : database_(database) {}
  // For a transaction; each gives a row when it was done.
  [[nodiscard]] static Statement insertion(const PhoneNumber& number);
  [[nodiscard]] static Statement removal(const std::string& organization_id, const std::string& phone_number);
  // False when the number is there already, whoever owns it.
  [[nodiscard]] core::Task<core::Result<bool>> insert(PhoneNumber number);
  // False when the organisation has no such number.
  [[nodiscard]] core::Task<core::Result<bool>> replace(PhoneNumber number);
  // Whoever owns it: a call that comes in names no organisation.
  [[nodiscard]] core::Task<core::Result<std::optional<PhoneNumber>>> find_any(std::string phone_number);
  // As AgentStore's.
  [[nodiscard]] core::Task<core::Result<std::optional<PhoneNumber>>> snapshot_any(std::string phone_number);
  [[nodiscard]] core::Task<core::Result<std::vector<PhoneNumber>>> list(std::string organization_id);
  // All workspaces' numbers whose settings name this member, perhaps as null.
  [[nodiscard]] core::Task<core::Result<std::vector<PhoneNumber>>> with_member(std::string member);
  [[nodiscard]] core::Task<core::Result<bool>> remove(std::string organization_id, std::string phone_number);

 private:
  Database& database_;
};

}  // namespace retell::storage
