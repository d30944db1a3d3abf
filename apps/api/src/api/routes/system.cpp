// The key's own identity, and what operators' tools ask for.
#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

struct Identity {
  std::string org_name;
  std::string api_key_name;
};
BOOST_DESCRIBE_STRUCT(Identity, (), (org_name, api_key_name))

core::Task<Outcome> identity(Api&, const Request& request) {
  co_return json_reply(200,
                       json::write(Identity{request.principal().organization_name, request.principal().api_key_name}));
}

struct Status {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(Status, (), (status))

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
    endpoint<&identity, Identity>("GET", "/get-api-key-info", 200, "Whose key this is", {.needs = {.anyone = true}}),
    endpoint<&health, Status>("GET", "/health", 200, "Whether the process answers", {.auth = Auth::none}),
    endpoint<&ready, Status>("GET", "/ready", 200, "Whether new calls are taken", {.auth = Auth::none}),
    endpoint<&metrics>("GET", "/metrics", 200, "Prometheus metrics", {.auth = Auth::none}),
};

}  // namespace

std::span<const Route> system_routes() { return table; }

}  // namespace retell::api
