// Calls: make, get, update, stop, delete.
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

// Both generations of the web call: the old reply is the whole call, the new one what a browser needs to join.
core::Task<core::Result<domain::Call>> make_web_call(Api& api, const Request& request) {
  const auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  auto wish = services::read_web_call(*body);
  if (!wish) co_return tl::unexpected(wish.error());
  co_return co_await api.calls.create_web_call(request.organization(), std::move(*wish));
}

core::Task<Outcome> create_web_call(Api& api, const Request& request) {
  constexpr std::int64_t token_life_ms = 30'000;
  const auto call = co_await make_web_call(api, request);
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(201, json::Object{{"call_id", call->call_id},
                                         {"access_token", call->access_token.value_or("")},
                                         {"transport", "gateway"},
                                         {"ice_servers", json::Array{}},
                                         {"expires_at", core::epoch_ms(api.clock.wall()) + token_life_ms}});
}

core::Task<Outcome> create_web_call_v2(Api& api, const Request& request) {
  const auto call = co_await make_web_call(api, request);
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(201, json::write(*call));
}

core::Task<Outcome> create_phone_call(Api& api, const Request& request) {
  const auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  auto wish = services::read_phone_call(*body);
  if (!wish) co_return tl::unexpected(wish.error());
  const auto call = co_await api.calls.create_phone_call(request.organization(), std::move(*wish));
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(201, json::write(*call));
}

core::Task<Outcome> register_phone_call(Api& api, const Request& request) {
  const auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  auto wish = services::read_register_call(*body);
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

core::Task<Outcome> update(Api& api, const Request& request) {
  const auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  auto change = services::read_update_call(*body);
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

// Nothing is sold here: the limit is what the operator set.
core::Task<Outcome> concurrency(Api& api, const Request& request) {
  co_return json_reply(200, json::Object{{"current_concurrency", api.calls.concurrency(request.organization())},
                                         {"concurrency_limit", api.calls.limit()},
                                         {"base_concurrency", api.calls.limit()},
                                         {"purchased_concurrency", 0},
                                         {"concurrency_purchase_limit", 0},
                                         {"remaining_purchase_limit", 0},
                                         {"reserved_inbound_concurrency", 0},
                                         {"concurrency_burst_enabled", false},
                                         {"concurrency_burst_limit", 0}});
}

constexpr Route table[] = {
    {"POST", "/v3/create-web-call", &create_web_call, Auth::key, 201},
    {"POST", "/v2/create-web-call", &create_web_call_v2, Auth::key, 201},
    {"POST", "/v2/create-phone-call", &create_phone_call, Auth::key, 201},
    {"POST", "/v2/register-phone-call", &register_phone_call, Auth::key, 201},
    {"GET", "/v2/get-call/{call_id}", &get},
    {"PATCH", "/v2/update-call/{call_id}", &update},
    {"POST", "/v2/stop-call/{call_id}", &stop, Auth::key, 204},
    {"DELETE", "/v2/delete-call/{call_id}", &remove, Auth::key, 204},
    {"GET", "/get-concurrency", &concurrency},
};

}  // namespace

std::span<const Route> call_routes() { return table; }

}  // namespace retell::api
