// The routes that are none of the API's: carriers' webhooks and media, the call page with its own small API, and what
// is needed to place simulated calls. Made once by Server; the handlers run on the connections' workers.
#pragma once
#include <optional>
#include <string>

#include "api/router.hpp"
#include "app/call_host.hpp"
#include "app/launcher.hpp"
#include "app/live_views.hpp"
#include "app/page_limits.hpp"
#include "config/config.hpp"
#include "services/agent_service.hpp"
#include "services/call_service.hpp"
#include "transports/browser/page_transport.hpp"
#include "transports/twilio/rest.hpp"
#include "transports/twilio/stream_transport.hpp"
#include "transports/twilio/webhook.hpp"

namespace retell::app {

// Where media connections are made; "/<token>" behind it names the call.
inline const std::string stream_path = "/media/twilio";
// Where telephony of one's own connects a registered call, by its id.
inline const std::string registered_path = "/audio-websocket";
inline const std::string page_media_path = "/media/web";

struct MediaRoutesParts {
  const config::Config& config;
  std::string public_url;  // without a slash at the end
  CallHost& host;
  Launcher& launcher;
  services::CallService& calls;
  services::AgentService& agents;
  services::ApiKeyService& keys;
  core::WorkerPool& workers;
  std::string organization_id;  // whose agents the page shows
  std::string secret;           // signs what the page is given
  core::Logger log;
};

class MediaRoutes {
 public:
  explicit MediaRoutes(MediaRoutesParts parts);
  void add_to(api::Router& router);  // before the server starts; this outlives the router's use

 private:
  // media_routes.cpp: Twilio
  [[nodiscard]] core::Task<net::HttpResponse> voice(api::Request request);
  [[nodiscard]] core::Task<net::HttpResponse> status(api::Request request);
  [[nodiscard]] core::Task<api::UpgradeOutcome> stream(api::Request request, std::string token);
  [[nodiscard]] core::Task<void> serve_stream(net::WebSocket socket, core::Worker& worker, std::string token);
  [[nodiscard]] core::Task<core::Worker*> place_of(std::string token);
  // `looked_for`: place_of() has been asked for this token already, when the connection was opened.
  [[nodiscard]] core::Task<void> run_stream(std::string token, bool looked_for,
                                            transports::twilio::StreamTransport& transport, core::Worker& worker);
  [[nodiscard]] core::Task<services::Dialled> dial(services::DialOrder order);
  [[nodiscard]] std::string stream_twiml(const std::string& token) const;

  // page_routes.cpp: the call page
  void add_page(api::Router& router);
  [[nodiscard]] core::Task<net::HttpResponse> page_agents(api::Request request);
  [[nodiscard]] core::Task<net::HttpResponse> page_call(api::Request request);
  [[nodiscard]] core::Task<core::Result<>> page_allows(api::Request& request);
  [[nodiscard]] core::Task<bool> forget_ended_calls();  // true when there is room again
  [[nodiscard]] core::Task<core::Result<services::WebCallRequest>> page_wish(std::string agent_id);
  [[nodiscard]] core::Task<net::HttpResponse> page_record(api::Request request);
  [[nodiscard]] core::Task<core::Result<std::string>> workspace_of(const net::HttpRequest& request, domain::Need need);
  [[nodiscard]] core::Task<net::HttpResponse> simulated_call(api::Request request);
  [[nodiscard]] core::Task<api::UpgradeOutcome> watch(api::Request request);
  [[nodiscard]] core::Task<void> serve_view(net::WebSocket socket, core::Worker& worker, std::string workspace,
                                            std::string call_id);
  // Shows the record of a call until it is over, or until `here` says that the call itself reports to this process.
  [[nodiscard]] core::Task<void> follow_record(net::WebSocket& socket, const bool& here, std::string workspace,
                                               std::string call_id);
  [[nodiscard]] core::Task<api::UpgradeOutcome> page_media(api::Request request, std::string token);
  [[nodiscard]] core::Task<void> serve_page(net::WebSocket socket, core::Worker& worker, std::string place);
  [[nodiscard]] core::Task<void> run_page(std::string token, bool looked_for, transports::browser::PageTransport& page,
                                          core::Worker& worker);

  MediaRoutesParts parts_;
  LiveViews views_;
  std::optional<PageLimits> page_limits_;  // where strangers see the page
  transports::twilio::WebhookOptions webhook_;
  transports::twilio::RestOptions rest_;
};

}  // namespace retell::app
