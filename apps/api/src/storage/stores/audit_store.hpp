// Who did what, when, from where. Entries are added and read, never changed or removed.
#pragma once
#include <cstdint>
#include <string>

#include "core/task.hpp"
#include "json/traits.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

struct AuditEntry {
  std::string id;  // sorts in the order of making
  std::string organization_id;
  std::int64_t at = 0;  // epoch ms
  std::string actor_kind;
  std::string actor_id;
  std::string actor_name;
  std::string action;
  std::string target;
  std::string address;
  std::string user_agent;
  std::string request_id;
};

struct AuditQuery {
  int limit = 50;
  std::string after = {};     // the id of the last one seen; newest first
  std::string actor_id = {};  // empty: all
  std::string action = {};
  std::int64_t from = 0;  // epoch ms, inclusive
  std::int64_t to = 0;    // exclusive; 0: no end
};

class AuditStore {
 public:
  explicit AuditStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<>> add(AuditEntry entry);
  // For a transaction, which may be repeated when nobody knows whether it was done.
  [[nodiscard]] static Statement insertion(const AuditEntry& entry);
  [[nodiscard]] core::Task<core::Result<Page<AuditEntry>>> list(std::string organization_id, AuditQuery query);

 private:
  Database& database_;
};

}  // namespace retell::storage
