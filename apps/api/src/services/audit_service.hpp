// Keeps the record of who did what, when, from where. An entry is committed together with the change that it tells of,
// so that neither is there without the other. Any thread.
#pragma once
#include <memory>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/ordered_ids.hpp"
#include "services/principal.hpp"
#include "services/session_service.hpp"
#include "storage/stores/audited_database.hpp"

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
  // Runs what the deed tells of. Its entry goes with the first change that it makes in the database; if it makes none
  // there and succeeds, the entry is written by itself.
  template <class T>
  [[nodiscard]] core::Task<core::Result<T>> along(Principal by, Deed deed, core::Task<core::Result<T>> doing) {
    const auto errand = begin(std::move(by), std::move(deed));
    auto done = co_await core::on_errand(errand, std::move(doing));
    if (!done) co_return done;
    const auto noted = co_await finish(*errand, "");
    if (!noted) co_return tl::unexpected(noted.error());
    co_return done;
  }
  // The same by someone at the server's command line.
  template <class T>
  [[nodiscard]] core::Task<core::Result<T>> along_operator(std::string organization_id, Deed deed,
                                                           core::Task<core::Result<T>> doing) {
    Principal by;
    by.organization_id = std::move(organization_id);
    by.kind = PrincipalKind::server_operator;
    return along(std::move(by), std::move(deed), std::move(doing));
  }
  // Its two halves, for who knows only afterwards whether and of what there is something to tell.
  [[nodiscard]] std::shared_ptr<storage::AuditErrand> begin(Principal by, Deed deed);
  [[nodiscard]] core::Task<core::Result<>> finish(const storage::AuditErrand& errand, std::string target);
  [[nodiscard]] core::Task<core::Result<storage::Page<storage::AuditEntry>>> list(std::string organization_id,
                                                                                  storage::AuditQuery query);

 private:
  storage::AuditStore entries_;
  const core::Clock& clock_;
  OrderedIds ids_{"audit_"};
};

}  // namespace retell::services
