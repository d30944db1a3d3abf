// Calls: make, get, update, stop, delete.
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

// What a browser needs to join.
struct WebCallTicket {
  std::string call_id;
  std::string access_token;
  std::string transport = "gateway";
  std::vector<json::Object> ice_servers = {};
  std::int64_t expires_at = 0;  // epoch ms
};
BOOST_DESCRIBE_STRUCT(WebCallTicket, (), (call_id, access_token, transport, ice_servers, expires_at))

core::Task<core::Result<domain::Call>> make_web_call(Api& api, const Request& request, json::Value body) {
  auto wish = services::read_web_call(body);
  if (!wish) co_return tl::unexpected(wish.error());
  co_return co_await api.calls.create_web_call(request.organization(), std::move(*wish));
}

core::Task<Outcome> create_web_call(Api& api, const Request& request, Raw<services::WebCallRequest> body) {
  constexpr std::int64_t token_life_ms = 30'000;
  const auto call = co_await make_web_call(api, request, std::move(body.value));
  if (!call) co_return tl::unexpected(call.error());
  WebCallTicket ticket{call->call_id, call->access_token.value_or("")};
  ticket.expires_at = core::epoch_ms(api.clock.wall()) + token_life_ms;
  co_return json_reply(201, json::write(ticket));
}

// The reply of the older generation is the whole call.
core::Task<Outcome> create_web_call_v2(Api& api, const Request& request, Raw<services::WebCallRequest> body) {
  const auto call = co_await make_web_call(api, request, std::move(body.value));
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(201, json::write(*call));
}

core::Task<Outcome> create_phone_call(Api& api, const Request& request, Raw<services::PhoneCallRequest> body) {
  auto wish = services::read_phone_call(body.value);
  if (!wish) co_return tl::unexpected(wish.error());
  const auto call = co_await api.calls.create_phone_call(request.organization(), std::move(*wish));
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(201, json::write(*call));
}

core::Task<Outcome> register_phone_call(Api& api, const Request& request, Raw<services::RegisterCallRequest> body) {
  auto wish = services::read_register_call(body.value);
  if (!wish) co_return tl::unexpected(wish.error());
  const auto call = co_await api.calls.register_phone_call(request.organization(), std::move(*wish));
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(201, json::write(*call));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto call = co_await api.calls.get(request.organization(), request.parameter(0));
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(200, json::write(*call));
}

core::Task<Outcome> update(Api& api, const Request& request, Raw<services::UpdateCallRequest> body) {
  auto change = services::read_update_call(body.value);
  if (!change) co_return tl::unexpected(change.error());
  const auto call = co_await api.calls.update(request.organization(), request.parameter(0), std::move(*change));
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(200, json::write(*call));
}

core::Task<Outcome> stop(Api& api, const Request& request) {
  const auto done = co_await api.calls.stop(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.calls.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

struct Concurrency {
  std::int64_t current_concurrency = 0;
  std::int64_t concurrency_limit = 0;
  std::int64_t base_concurrency = 0;
  std::int64_t purchased_concurrency = 0;
  std::int64_t concurrency_purchase_limit = 0;
  std::int64_t remaining_purchase_limit = 0;
  std::int64_t reserved_inbound_concurrency = 0;
  bool concurrency_burst_enabled = false;
  std::int64_t concurrency_burst_limit = 0;
};
BOOST_DESCRIBE_STRUCT(Concurrency, (),
                      (current_concurrency, concurrency_limit, base_concurrency, purchased_concurrency,
                       concurrency_purchase_limit, remaining_purchase_limit, reserved_inbound_concurrency,
                       concurrency_burst_enabled, concurrency_burst_limit))

// Nothing is sold here: the limit is what the operator set.
core::Task<Outcome> concurrency(Api& api, const Request& request) {
  const auto calls = co_await api.calls.concurrency(request.organization());
  if (!calls) co_return tl::unexpected(calls.error());
  Concurrency now;
  now.current_concurrency = *calls;
  now.concurrency_limit = now.base_concurrency = co_await api.calls.limit(request.organization());
  co_return json_reply(200, json::write(now));
}

constexpr domain::Need see_history{domain::Area::history, domain::Access::read};
constexpr domain::Need change_history{domain::Area::history, domain::Access::edit};
constexpr domain::Need see_workspace{domain::Area::workspace, domain::Access::read};

constexpr Route table[] = {
    endpoint<&create_web_call, WebCallTicket>("POST", "/v3/create-web-call", 201, "Make a web call",
                                              {.needs = {.browser = true}}),
    endpoint<&create_web_call_v2, domain::Call>("POST", "/v2/create-web-call", 201, "Make a web call",
                                                {.older = true, .needs = {.browser = true}}),
    endpoint<&create_phone_call, domain::Call>("POST", "/v2/create-phone-call", 201, "Call a phone"),
    endpoint<&register_phone_call, domain::Call>("POST", "/v2/register-phone-call", 201,
                                                 "Announce a call of your own telephony"),
    endpoint<&get, domain::Call>("GET", "/v2/get-call/{call_id}", 200, "Get a call", {.needs = {.need = see_history}}),
    endpoint<&update, domain::Call>("PATCH", "/v2/update-call/{call_id}", 200, "Annotate a call",
                                    {.needs = {.need = change_history}}),
    endpoint<&stop>("POST", "/v2/stop-call/{call_id}", 204, "End a call"),
    endpoint<&remove>("DELETE", "/v2/delete-call/{call_id}", 204, "Delete a call with its recording",
                      {.needs = {.need = change_history}}),
    endpoint<&concurrency, Concurrency>("GET", "/get-concurrency", 200, "Calls now and at most",
                                        {.needs = {.need = see_workspace}}),
};

}  // namespace

std::span<const Route> call_routes() { return table; }

}  // namespace retell::api
