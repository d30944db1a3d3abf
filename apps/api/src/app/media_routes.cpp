#include "app/media_routes.hpp"

#include "services/call_arrangement.hpp"
#include "transports/twilio/stream_transport.hpp"
#include "transports/twilio/twiml.hpp"

namespace retell::app {
namespace {

namespace twilio = transports::twilio;

// The one parameter of a stream that we trust: the one-time token of its call. It stands in the URL as well, so that
// the connection can be put where its call is kept ready before the first message has come.
constexpr auto token_parameter = "token";

net::HttpResponse xml(std::string text) {
  net::HttpResponse response;
  response.headers.set("Content-Type", "text/xml");
  response.body = std::move(text);
  return response;
}

}  // namespace

MediaRoutes::MediaRoutes(MediaRoutesParts parts) : parts_(std::move(parts)) {
  const auto& t = parts_.config.twilio;
  webhook_ = {t.auth_token, parts_.public_url, t.check_signatures};
  rest_ = {t.account_sid, t.auth_token, t.api_base_url};
}

void MediaRoutes::add_to(api::Router& router) {
  router.upgrade(stream_path, [this](api::Request request) { return stream(std::move(request), {}); });
  router.upgrade(stream_path + "/{token}", [this](api::Request request) {
    auto token = request.parameter(0);
    return stream(std::move(request), std::move(token));
  });
  router.upgrade(registered_path + "/{call_id}", [this](api::Request request) {
    auto token = services::registered_call_token(parts_.secret, request.parameter(0));
    return stream(std::move(request), std::move(token));
  });
  if (!parts_.config.twilio.auth_token.empty()) {
    router.raw("POST", "/twilio/voice", [this](api::Request request) { return voice(std::move(request)); });
    router.raw("POST", "/twilio/voice/{agent_id}", [this](api::Request request) { return voice(std::move(request)); });
    router.raw("POST", "/twilio/status/{call_id}", [this](api::Request request) { return status(std::move(request)); });
    parts_.launcher.set_dialler([this](services::DialOrder order) { return dial(std::move(order)); });
  }
  add_page(router);
}

std::string MediaRoutes::stream_twiml(const std::string& token) const {
  return twilio::connect_stream(twilio::websocket_url(parts_.public_url, stream_path + "/" + token),
                                {{token_parameter, token}});
}

// A call to one of our numbers: with an agent in the path, or the one bound to the number.
core::Task<net::HttpResponse> MediaRoutes::voice(api::Request request) {
  const auto hook = twilio::read_voice_webhook(request.http(), webhook_);
  if (!hook) co_return api::error_reply(hook.error());
  services::Incoming call;
  if (request.http().path.rfind("/twilio/voice/", 0) == 0) {
    call = co_await parts_.calls.incoming_for(parts_.organization_id, request.parameter(0), hook->from, hook->to,
                                              hook->call_sid);
  } else {
    call = co_await parts_.calls.incoming(hook->from, hook->to, hook->call_sid, hook->sip_headers);
  }
  if (call) co_return xml(stream_twiml(call->token));
  const auto& [why, fallback] = call.error();
  if (!fallback.empty()) {
    parts_.log.warn("a call from the carrier goes to the fallback number {}: {}", fallback, why.message);
    co_return xml(twilio::dial(fallback));
  }
  parts_.log.warn("a call from the carrier was refused: {}", why.message);
  // Twilio wants an answer that it can act on; the caller hears a busy tone when we are full or going down.
  co_return xml(twilio::reject(why.code == core::ErrorCode::rate_limited || why.code == core::ErrorCode::unavailable));
}

core::Task<net::HttpResponse> MediaRoutes::status(api::Request request) {
  const auto hook = twilio::read_voice_webhook(request.http(), webhook_);
  if (!hook) co_return api::error_reply(hook.error());
  if (const auto reason = twilio::unanswered_reason(*hook)) parts_.calls.unanswered(request.parameter(0), *reason);
  co_return api::empty_reply(204);
}

core::Task<services::Dialled> MediaRoutes::dial(services::DialOrder order) {
  twilio::OutboundCall call;
  call.from = order.from_number;
  call.to = order.to_number;
  call.twiml = stream_twiml(order.token);
  call.status_url = parts_.public_url + "/twilio/status/" + order.call_id;
  call.ring = std::chrono::duration_cast<std::chrono::seconds>(order.ring);
  twilio::RestClient client(parts_.host.client(parts_.workers.at(0)), rest_);
  auto placed = co_await client.create_call(std::move(call));
  if (!placed) {
    const auto reason = twilio::disconnection_reason(placed.error());
    co_return tl::unexpected(services::DialFailure{std::move(placed.error()), reason});
  }
  co_return std::move(*placed);
}

core::Task<api::UpgradeOutcome> MediaRoutes::stream(api::Request, std::string token) {
  auto* place = co_await place_of(token);
  co_return net::WebSocketUpgrade(
      [this, token](net::WebSocket socket, core::Worker& worker) {
        return serve_stream(std::move(socket), worker, token);
      },
      place);
}

// Where the call of this token is kept ready; taken over from another process when it is kept there.
core::Task<core::Worker*> MediaRoutes::place_of(std::string token) {
  if (auto* place = parts_.host.arriving(token)) co_return place;
  if (!co_await parts_.calls.take_over(token)) co_return nullptr;
  co_return parts_.host.arriving(token);
}

core::Task<void> MediaRoutes::serve_stream(net::WebSocket socket, core::Worker& worker, std::string token) {
  twilio::StreamTransport transport(std::move(socket), worker.executor(), {}, parts_.log);
  co_await transport.serve([&](const twilio::StreamStart& start, engine::MediaTransport&) {
    const auto named = start.parameters.find(token_parameter);
    const bool as_in_path = named == start.parameters.end() || named->second == token;
    return run_stream(as_in_path ? token : named->second, as_in_path, transport, worker);
  });
}

core::Task<void> MediaRoutes::run_stream(std::string token, bool looked_for, twilio::StreamTransport& transport,
                                         core::Worker& worker) {
  if (!looked_for) (void)co_await place_of(token);
  auto call = parts_.host.claim(token, worker);
  if (!call) {
    parts_.log.warn("a media stream named no call that is expected");
    co_return;
  }
  transport.name_log(parts_.log.with("call_id", call->plan.call_id));
  call->sink = views_.watched(call->plan.call_id, std::move(call->sink));
  co_await parts_.host.run(std::move(*call), transport);
}

}  // namespace retell::app
