// The call page's own small API, for those who sit at the server, and for anybody where the operator opens it: which
// agents there are to talk to, a call, and its record. And what `retell call` needs to place a simulated call and to
// watch it.
#include "api/visitor.hpp"
#include "app/media_routes.hpp"
#include "app/record_view.hpp"
#include "core/race.hpp"
#include "core/task_group.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "domain/agent.hpp"
#include "services/demo.hpp"
#include "transports/browser/call_updates.hpp"
#include "web_call/files.hpp"

namespace retell::app {
namespace {

// What a page shows to read its call's record: proves that it made the call, without a session or a key.
std::string record_proof(const std::string& secret, const std::string& call_id) {
  return crypto::to_hex(crypto::hmac_sha256(secret, "call page record:" + call_id));
}

std::string bearer(const net::HttpRequest& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = request.headers.get("Authorization").value_or("");
  return header.substr(0, scheme.size()) == scheme ? std::string(header.substr(scheme.size())) : std::string();
}

net::HttpResponse refused() {
  return api::error_reply({core::ErrorCode::unauthorized, "This call is not yours to see.", {}});
}

}  // namespace

void MediaRoutes::add_page(api::Router& router) {
  router.raw("POST", "/simulated-call", [this](api::Request request) { return simulated_call(std::move(request)); });
  router.upgrade("/simulated-call/{call_id}/live", [this](api::Request request) { return watch(std::move(request)); });
  router.upgrade(page_media_path, [this](api::Request request) { return page_media(std::move(request), {}); });
  router.upgrade(page_media_path + "/{token}", [this](api::Request request) {
    auto token = request.parameter(0);
    return page_media(std::move(request), std::move(token));
  });
  // Anyone who sees the page may call: that is for one's own machine. Behind a public address it stays closed unless
  // the operator says otherwise, and has limits then.
  const bool at_home = parts_.config.server.public_url.empty();
  const auto& page = parts_.config.call_page;
  if (!parts_.config.demo || (!at_home && !page.is_public)) return;
  if (!at_home) page_limits_.emplace(page);
  for (const auto& path : web_call::paths()) {
    router.raw("GET", path, [](api::Request request) -> core::Task<net::HttpResponse> {
      const auto file = web_call::find(request.http().path);
      if (!file) co_return api::error_reply({core::ErrorCode::not_found, "There is no such page.", {}});
      net::HttpResponse response;
      response.headers = {{"Content-Type", std::string(file->type)},
                          {"ETag", file->etag},
                          {"Cache-Control", "no-cache"},
                          {"X-Content-Type-Options", "nosniff"},
                          {"Referrer-Policy", "no-referrer"},
                          {"Content-Security-Policy", std::string(web_call::content_security_policy)}};
      if (request.http().headers.get("If-None-Match") == file->etag)
        response.status = 304;
      else
        response.body = file->content;
      co_return response;
    });
  }
  router.raw("GET", "/demo/agents", [this](api::Request request) { return page_agents(std::move(request)); });
  router.raw("POST", "/demo/calls", [this](api::Request request) { return page_call(std::move(request)); });
  router.raw("GET", "/demo/calls/{call_id}", [this](api::Request request) { return page_record(std::move(request)); });
}

core::Task<net::HttpResponse> MediaRoutes::page_agents(api::Request) {
  json::Array agents;
  for (const auto* id : {services::demo_agent_en, services::demo_agent_pt}) {
    const auto agent = co_await parts_.agents.get(parts_.organization_id, id, {});
    if (!agent) continue;  // the operator has deleted it
    agents.push_back(json::Object{{"agent_id", agent->agent_id},
                                  {"agent_name", agent->settings.agent_name.value_or(agent->agent_id)},
                                  {"language", domain::primary_language(agent->settings)}});
  }
  co_return api::json_reply(200, json::Object{{"agents", std::move(agents)}});
}

core::Task<net::HttpResponse> MediaRoutes::page_call(api::Request request) {
  const auto body = request.body();
  if (!body) co_return api::error_reply(body.error());
  auto wish = services::read_web_call(*body);
  if (!wish) co_return api::error_reply(wish.error());
  if (wish->agent_id != services::demo_agent_en && wish->agent_id != services::demo_agent_pt) {
    co_return api::error_reply({core::ErrorCode::unprocessable, "expected one of the demo agents", "agent_id"});
  }
  if (const auto allowed = co_await page_allows(request); !allowed) co_return api::error_reply(allowed.error());
  auto call_wish = co_await page_wish(wish->agent_id);
  if (!call_wish) co_return api::error_reply(call_wish.error());
  const auto call = co_await parts_.calls.create_web_call(parts_.organization_id, std::move(*call_wish));
  if (!call) co_return api::error_reply(call.error());
  if (page_limits_) page_limits_->made(std::chrono::steady_clock::now(), call->call_id);
  const auto token = call->access_token.value_or("");
  co_return api::json_reply(201,
                            json::Object{{"call_id", call->call_id},
                                         {"access_token", token + "." + record_proof(parts_.secret, call->call_id)},
                                         {"ws_url", page_media_path + "/" + token}});
}

core::Task<core::Result<>> MediaRoutes::page_allows(api::Request& request) {
  if (!page_limits_) co_return core::Result<>{};
  const auto address = api::client_address(request.http(), parts_.config.server.proxies);
  auto wait = page_limits_->too_early_by(std::chrono::steady_clock::now(), address);
  if (wait && co_await forget_ended_calls()) {
    wait = page_limits_->too_early_by(std::chrono::steady_clock::now(), address);
  }
  if (!wait) co_return core::Result<>{};
  core::Error error{core::ErrorCode::rate_limited, "The call page takes no more calls from here for now.", {}};
  error.retry_after = *wait;
  co_return tl::unexpected(std::move(error));
}

core::Task<bool> MediaRoutes::forget_ended_calls() {
  bool any = false;
  for (const auto& id : page_limits_->to_look_up(std::chrono::steady_clock::now())) {
    const auto call = co_await parts_.calls.get(parts_.organization_id, id);
    const bool goes_on = !call || call->call_status == domain::CallStatus::registered ||
                         call->call_status == domain::CallStatus::ongoing;
    if (goes_on) continue;
    page_limits_->ended(id);
    any = true;
  }
  co_return any;
}

core::Task<core::Result<services::WebCallRequest>> MediaRoutes::page_wish(std::string agent_id) {
  services::WebCallRequest wish{agent_id};
  if (!page_limits_) co_return wish;
  const auto agent = co_await parts_.agents.get(parts_.organization_id, agent_id, {});
  if (!agent) co_return tl::unexpected(agent.error());
  const auto longest = longest_call(agent->settings, parts_.config.call_page.longest);
  wish.agent_override = services::AgentOverride{json::Object{{"max_call_duration_ms", longest}}};
  co_return wish;
}

core::Task<net::HttpResponse> MediaRoutes::page_record(api::Request request) {
  const auto& call_id = request.parameter(0);
  const auto token = bearer(request.http());
  const auto proof = token.substr(token.find('.') + 1);
  if (!crypto::equal_constant_time(proof, record_proof(parts_.secret, call_id))) co_return refused();
  const auto call = co_await parts_.calls.get(parts_.organization_id, call_id);
  if (!call) co_return api::error_reply(call.error());
  auto record = json::write(*call).as_object();
  json::Object out{{"call_id", call_id}, {"call_status", record["call_status"]}};
  if (const auto* latency = record.if_contains("latency"); latency != nullptr && latency->is_object()) {
    if (const auto* turns = latency->get_object().if_contains("turns")) out["latencies"] = *turns;
  }
  for (const auto* name : {"recording_url", "disconnection_reason", "duration_ms"}) {
    if (const auto* value = record.if_contains(name)) out[name] = *value;
  }
  if (const auto* lines = record.if_contains("transcript_object")) out["transcript"] = *lines;
  co_return api::json_reply(200, out);
}

// The key's workspace; forbidden for keys that may not do this.
core::Task<core::Result<std::string>> MediaRoutes::workspace_of(const net::HttpRequest& request, domain::Need need) {
  const auto principal = co_await parts_.keys.authenticate(bearer(request));
  if (!principal) co_return tl::unexpected(principal.error());
  if (principal->kind != services::PrincipalKind::secret_key || !principal->grants.allow(need)) {
    co_return core::fail(core::ErrorCode::forbidden, "This needs a key with " + services::describe(need) + ".");
  }
  co_return principal->organization_id;
}

// Takes an API key and gives what a carrier would get from the voice webhook.
core::Task<net::HttpResponse> MediaRoutes::simulated_call(api::Request request) {
  const auto workspace = co_await workspace_of(request.http(), {domain::Area::call, domain::Access::edit});
  if (!workspace) co_return api::error_reply(workspace.error());
  const auto body = request.body();
  if (!body) co_return api::error_reply(body.error());
  const auto* agent = body->is_object() ? body->get_object().if_contains("agent_id") : nullptr;
  if (agent == nullptr || !agent->is_string()) {
    co_return api::error_reply({core::ErrorCode::invalid, "agent_id: expected a string", "agent_id"});
  }
  const auto call =
      co_await parts_.calls.incoming_for(*workspace, std::string(agent->get_string()), "+15550100", "+15550199", "");
  if (!call) co_return api::error_reply(call.error().error);
  co_return api::json_reply(201, json::Object{{"call_id", call->call_id},
                                              {"stream_path", stream_path + "/" + call->token},
                                              {"parameters", json::Object{{"token", call->token}}}});
}

// What the call page sees, for the call's owner.
core::Task<api::UpgradeOutcome> MediaRoutes::watch(api::Request request) {
  const auto workspace = co_await workspace_of(request.http(), {domain::Area::history, domain::Access::read});
  if (!workspace) co_return api::error_reply(workspace.error());
  const auto call = co_await parts_.calls.get(*workspace, request.parameter(0));
  if (!call) co_return api::error_reply(call.error());
  co_return net::WebSocketSession(
      [this, workspace = *workspace, call_id = call->call_id](net::WebSocket socket, core::Worker& worker) {
        return serve_view(std::move(socket), worker, workspace, call_id);
      });
}

core::Task<void> MediaRoutes::serve_view(net::WebSocket socket, core::Worker& worker, std::string workspace,
                                         std::string call_id) {
  bool here = false;
  const LiveViews::View view(views_, call_id, worker.executor(), [&](const std::string& json) {
    here = true;
    socket.send_text(json);
  });
  core::TaskGroup group(worker.executor(), parts_.log);
  group.spawn("record view", follow_record(socket, here, std::move(workspace), std::move(call_id)));
  (void)co_await socket.run([](std::string_view, bool) {});
  group.cancel();
  co_await group.join();
}

// A load balancer gives the watcher to any process, and the call to another.
core::Task<void> MediaRoutes::follow_record(net::WebSocket& socket, const bool& here, std::string workspace,
                                            std::string call_id) {
  constexpr std::chrono::milliseconds interval{300};
  RecordView record;
  while (!record.over()) {
    co_await core::sleep_for(interval);
    const auto call = co_await parts_.calls.get(workspace, call_id);
    if (here) co_return;
    if (!call) continue;  // the database is away, or the call was deleted: whoever watches leaves by themselves
    for (const auto& news : record.changes(*call)) socket.send_text(news);
  }
}

// The page shows its token in the first message; the one in the URL only says where the connection belongs.
core::Task<api::UpgradeOutcome> MediaRoutes::page_media(api::Request, std::string place) {
  auto* worker = co_await place_of(place);
  co_return net::WebSocketUpgrade(
      [this, place](net::WebSocket socket, core::Worker& here) { return serve_page(std::move(socket), here, place); },
      worker);
}

core::Task<void> MediaRoutes::serve_page(net::WebSocket socket, core::Worker& worker, std::string place) {
  transports::browser::PageTransport page(std::move(socket), worker.executor(), {}, parts_.log);
  co_await page.serve([&](const std::string& shown, transports::browser::PageTransport& transport) {
    auto token = shown.substr(0, shown.find('.'));
    const bool looked_for = token == place;
    return run_page(std::move(token), looked_for, transport, worker);
  });
}

core::Task<void> MediaRoutes::run_page(std::string token, bool looked_for, transports::browser::PageTransport& page,
                                       core::Worker& worker) {
  if (!looked_for) (void)co_await place_of(token);
  auto call = parts_.host.claim(token, worker);
  if (!call) {
    page.refuse("the call has expired or was never made");
    co_return;
  }
  const auto call_id = call->plan.call_id;
  page.name_log(parts_.log.with("call_id", call_id));
  // The page sees the call as it happens.
  call->sink = [sink = std::move(call->sink), &page](const engine::CallEvent& event) {
    sink(event);
    if (const auto update = transports::browser::call_update(event)) page.send_update(*update);
  };
  co_await parts_.host.run(std::move(*call), page);
  if (page_limits_) page_limits_->ended(call_id);
}

}  // namespace retell::app
