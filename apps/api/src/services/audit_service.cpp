#include "services/audit_service.hpp"

#include "services/http_send.hpp"

namespace retell::services {

core::Task<core::Result<>> AuditService::note(Principal by, Deed deed) {
  constexpr std::size_t longest = 300;
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
  co_return co_await entries_.add(std::move(entry));
}

core::Task<core::Result<>> AuditService::note_operator(std::string organization_id, Deed deed) {
  Principal by;
  by.organization_id = std::move(organization_id);
  by.kind = PrincipalKind::server_operator;
  co_return co_await note(std::move(by), std::move(deed));
}

core::Task<core::Result<storage::Page<storage::AuditEntry>>> AuditService::list(std::string organization_id,
                                                                                storage::AuditQuery query) {
  if (!query.after.empty() && !ids_.is_one(query.after)) co_return tl::unexpected(storage::no_such_page());
  co_return co_await entries_.list(std::move(organization_id), std::move(query));
}

}  // namespace retell::services
