// The key's own identity, and what operators' tools ask for.
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

core::Task<Outcome> identity(Api&, const Request& request) {
  co_return json_reply(200, json::Object{{"org_name", request.principal().organization_name},
                                         {"api_key_name", request.principal().api_key_name}});
}

core::Task<Outcome> health(Api&, const Request&) { co_return json_reply(200, json::Object{{"status", "ok"}}); }

core::Task<Outcome> ready(Api& api, const Request&) {
  const auto state = co_await api.ready();
  if (state) co_return json_reply(200, json::Object{{"status", "ready"}});
  co_return json_reply(503, json::Object{{"status", "error"}, {"message", state.error().message}});
}

core::Task<Outcome> metrics(Api& api, const Request&) {
  co_return text_reply(200, api.metrics.render(), "text/plain; version=0.0.4");
}

constexpr Route table[] = {
    {"GET", "/get-api-key-info", &identity},
    {"GET", "/health", &health, Auth::none},
    {"GET", "/ready", &ready, Auth::none},
    {"GET", "/metrics", &metrics, Auth::none},
};

}  // namespace

std::span<const Route> system_routes() { return table; }

}  // namespace retell::api
