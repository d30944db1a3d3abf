#include "services/audit_service.hpp"

#include "services/http_send.hpp"

namespace retell::services {
namespace {

constexpr std::size_t longest = 300;  // of a text, in bytes

}  // namespace

std::shared_ptr<storage::AuditErrand> AuditService::begin(Principal by, Deed deed) {
  const auto now = core::epoch_ms(clock_.wall());
  storage::AuditEntry entry;
  entry.id = ids_.next(now);
  entry.organization_id = std::move(by.organization_id);
  entry.at = now;
  entry.actor_kind = json::enum_name(by.kind);
  entry.actor_id = by.actor_id();
  entry.actor_name = by.actor_name();
  entry.action = std::move(deed.action);
  // What comes from outside as bytes is stored as text.
  entry.target = printable(deed.target, longest);
  entry.address = printable(deed.visitor.address, longest);
  entry.user_agent = printable(deed.visitor.user_agent, longest);
  entry.request_id = std::move(deed.request_id);
  return std::make_shared<storage::AuditErrand>(std::move(entry));
}

core::Task<core::Result<>> AuditService::finish(const storage::AuditErrand& errand, std::string target) {
  if (errand.is_written()) co_return core::Result<>{};
  auto entry = errand.entry();
  if (entry.target.empty()) entry.target = printable(target, longest);
  co_return co_await entries_.add(std::move(entry));
}

core::Task<core::Result<storage::Page<storage::AuditEntry>>> AuditService::list(std::string organization_id,
                                                                                storage::AuditQuery query) {
  if (!query.after.empty() && !ids_.is_one(query.after)) co_return tl::unexpected(storage::no_such_page());
  co_return co_await entries_.list(std::move(organization_id), std::move(query));
}

}  // namespace retell::services
