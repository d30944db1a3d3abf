// The way of a request: id, CORS, match, who asks, rate, rights, handler, audit, error mapping, metrics. The endpoints
// are tables, one for each resource. Any thread.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "api/api.hpp"
#include "api/cors.hpp"
#include "api/endpoint.hpp"
#include "api/reply.hpp"
#include "api/request.hpp"
#include "api/request_meters.hpp"
#include "core/log.hpp"
#include "net/http_server.hpp"

namespace retell::api {

// Requests that are none of the API's: carriers' webhooks, pages. No key is asked for; the handler checks for itself.
// A pattern may end in "/*", which takes the rest.
using RawHandler = std::function<core::Task<net::HttpResponse>(Request)>;
using UpgradeOutcome = net::UpgradeOutcome;
using UpgradeRoute = std::function<core::Task<UpgradeOutcome>(Request)>;

struct RouterOptions {
  std::vector<std::string> cors_origins = {"*"};
  int max_requests_per_second = 0;  // of a workspace without a limit of its own; 0: no limit
  int proxies = 0;                  // trusted ones in front of us
};

class Router {
 public:
  // Knows all endpoints of api/routes from the start.
  Router(Api& api, RouterOptions options, core::Logger log);

  // Before the server starts. The API's own routes are looked at first.
  void raw(std::string method, std::string pattern, RawHandler handler);
  void upgrade(std::string pattern, UpgradeRoute handler);

  // The server's handlers.
  [[nodiscard]] core::Task<net::HttpResponse> handle(net::HttpRequest request, core::Worker& worker);
  // About a request with a large body, of which only the head has come: the response that refuses it, or nothing.
  [[nodiscard]] core::Task<std::optional<net::HttpResponse>> admit(net::HttpRequest head, std::uint64_t length,
                                                                   core::Worker& worker);
  [[nodiscard]] core::Task<UpgradeOutcome> handle_upgrade(net::HttpRequest request, core::Worker& worker);

  // With what each needs filled in.
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  struct RawRoute {
    std::string method;
    std::string pattern;
    RawHandler handler;
  };
  struct UpgradeEntry {
    std::string pattern;
    UpgradeRoute handler;
  };

  void add(const Resource& resource);
  // The API's own endpoint for this request, its parameters filled in; null when there is none. `allowed`: the methods
  // that the path takes instead.
  [[nodiscard]] const Route* find(const net::HttpRequest& http, std::vector<std::string>& parameters,
                                  std::string& allowed) const;
  [[nodiscard]] core::Task<net::HttpResponse> dispatch(Request& request, std::string& label);
  [[nodiscard]] core::Task<net::HttpResponse> call(const Route& route, Request& request);
  [[nodiscard]] core::Task<core::Result<>> authenticate(Request& request);
  [[nodiscard]] core::Task<core::Result<services::Principal>> identify(const net::HttpRequest& http);
  // Whether who is known may; forbidden says what is missing.
  [[nodiscard]] static core::Result<> permit(const Route& route, const Request& request);
  // The audit log's entry of what the route changes; null when it is not noted.
  [[nodiscard]] std::shared_ptr<storage::AuditErrand> errand(const Route& route, const Request& request) const;

  Api& api_;
  Cors cors_;
  RequestMeters meters_;
  int max_requests_per_second_;
  int proxies_;
  core::Logger log_;
  std::vector<Route> routes_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_first_segment_;  // into routes_
  std::vector<RawRoute> raw_;
  std::vector<UpgradeEntry> upgrades_;
};

// Whether a path fits a pattern; fills `parameters` with what stood in the braces.
[[nodiscard]] bool match_path(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters);

}  // namespace retell::api
