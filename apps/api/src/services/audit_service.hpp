// Keeps the record of who did what, when, from where. What is written is committed before the answer to the request
// leaves, so that nobody is told of a change that the log does not have. Any thread.
#pragma once
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/ordered_ids.hpp"
#include "services/principal.hpp"
#include "services/session_service.hpp"
#include "storage/stores/audit_store.hpp"

namespace retell::services {

struct Deed {
  std::string action;
  std::string target = {};
  Visitor visitor = {};
  std::string request_id = {};
};

class AuditService {
 public:
  AuditService(storage::Database& database, const core::Clock& clock) : entries_(database), clock_(clock) {}
  [[nodiscard]] core::Task<core::Result<>> note(Principal by, Deed deed);
  // By someone at the server's command line.
  [[nodiscard]] core::Task<core::Result<>> note_operator(std::string organization_id, Deed deed);
  [[nodiscard]] core::Task<core::Result<storage::Page<storage::AuditEntry>>> list(std::string organization_id,
                                                                                  storage::AuditQuery query);

 private:
  storage::AuditStore entries_;
  const core::Clock& clock_;
  OrderedIds ids_{"audit_"};
};

}  // namespace retell::services
