// Who did what, when, from where.
#include <charconv>

#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

struct AuditEntry {
  std::string audit_id;
  std::int64_t timestamp = 0;  // epoch ms
  std::string actor_type;      // secret_key, public_key, user, server_operator
  std::string actor_id;
  std::string actor_name;
  std::string action;  // method and path of the endpoint, or sign_in and the like
  std::string target;  // the id of what it was done to
  std::string address;
  std::string user_agent;
  std::string request_id;
};
BOOST_DESCRIBE_STRUCT(AuditEntry, (),
                      (audit_id, timestamp, actor_type, actor_id, actor_name, action, target, address, user_agent,
                       request_id))

core::Result<std::int64_t> moment(const Request& request, std::string_view name) {
  const auto text = request.query(name);
  if (!text) return 0;
  std::int64_t value = 0;
  const auto* end = text->data() + text->size();
  const auto [last, problem] = std::from_chars(text->data(), end, value);
  if (problem == std::errc() && last == end && value >= 0) return value;
  return core::fail(core::ErrorCode::invalid, std::string(name) + ": expected milliseconds since 1970",
                    std::string(name));
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  storage::AuditQuery query;
  query.limit = page->limit;
  query.after = page->after;
  query.actor_id = request.query("actor_id").value_or("");
  query.action = request.query("action").value_or("");
  const auto from = moment(request, "from");
  if (!from) co_return tl::unexpected(from.error());
  const auto to = moment(request, "to");
  if (!to) co_return tl::unexpected(to.error());
  query.from = *from;
  query.to = *to;
  const auto found = co_await api.audit.list(request.organization(), std::move(query));
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(
      200, envelope(*found, [](const storage::AuditEntry& one) {
        return json::write(AuditEntry{one.id, one.at, one.actor_kind, one.actor_id, one.actor_name, one.action,
                                      one.target, one.address, one.user_agent, one.request_id});
      }));
}

constexpr QueryField list_fields[] = {
    {"actor_id", "string", "Done by this key or person."},
    {"action", "string", "Exactly this action."},
    {"from", "integer", "Not before, epoch ms."},
    {"to", "integer", "Before, epoch ms."},
    page_fields[0],
    page_fields[1],
};

constexpr Route table[] = {
    endpoint<&list, Items<AuditEntry>>("GET", "/v1/audit-log", 200, "List what was done, newest first",
                                       {.query = list_fields}),
};

}  // namespace

std::span<const Route> audit_routes() { return table; }

}  // namespace retell::api
