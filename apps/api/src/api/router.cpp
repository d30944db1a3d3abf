#include "api/router.hpp"

#include <algorithm>

#include "api/routes/routes.hpp"
#include "core/ids.hpp"

namespace retell::api {
namespace {

constexpr std::string_view bearer = "Bearer ";

std::string first_segment(std::string_view path) {
  if (!path.empty()) path.remove_prefix(1);
  // Versions of the API are told apart by the second segment.
  auto end = path.find('/');
  if (path.size() > 2 && path[0] == 'v' && path[1] >= '0' && path[1] <= '9' && end != std::string_view::npos) {
    end = path.find('/', end + 1);
  }
  return std::string(path.substr(0, end));
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

}  // namespace

bool match_path(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
  parameters.clear();
  for (;;) {
    if (pattern == "/*") {
      parameters.emplace_back(path.empty() ? path : path.substr(1));
      return true;
    }
    if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
    pattern.remove_prefix(1);
    if (path.front() != '/') return false;
    path.remove_prefix(1);
    const auto wanted = pattern.substr(0, pattern.find('/'));
    const auto given = path.substr(0, path.find('/'));
    if (wanted.starts_with('{')) {
      if (given.empty()) return false;
      parameters.emplace_back(given);
    } else if (wanted != given) {
      return false;
    }
    pattern.remove_prefix(wanted.size());
    path.remove_prefix(given.size());
  }
}

Router::Router(Api& api, RouterOptions options, core::Logger log)
    : api_(api),
      cors_(std::move(options.cors_origins)),
      limiter_(options.max_requests_per_second, api.clock),
      log_(std::move(log)) {
  for (const auto& resource : all_resources()) add(resource.routes);
}

void Router::add(std::span<const Route> routes) {
  for (const auto& route : routes) {
    by_first_segment_[first_segment(route.pattern)].push_back(routes_.size());
    routes_.push_back(route);
  }
}

void Router::raw(std::string method, std::string pattern, RawHandler handler) {
  raw_.push_back({std::move(method), std::move(pattern), std::move(handler)});
}

void Router::upgrade(std::string pattern, UpgradeRoute handler) {
  upgrades_.push_back({std::move(pattern), std::move(handler)});
}

core::Task<net::HttpResponse> Router::handle(net::HttpRequest http, core::Worker& worker) {
  if (Cors::is_preflight(http)) co_return cors_.preflight(http);
  const auto begun = api_.clock.now();
  Request request(std::move(http), worker);
  const auto given = request.http().headers.get("X-Request-Id");
  request.set_id(given && is_request_id(*given) ? std::string(*given) : core::make_id("req_", 8));
  std::string label = "none";  // the pattern, so that metrics have a bounded number of series
  auto response = co_await dispatch(request, label);
  cors_.decorate(request.http(), response);
  response.headers.set("X-Request-Id", request.id());
  response.headers.set("X-Content-Type-Options", "nosniff");
  measure(label, response.status, std::chrono::duration<double>(api_.clock.now() - begun).count());
  co_return response;
}

core::Task<net::HttpResponse> Router::dispatch(Request& request, std::string& label) {
  const auto& http = request.http();
  const auto fits = [&http](std::string_view method) {
    return method == http.method || (method == "GET" && http.method == "HEAD");  // the server leaves the body away
  };
  std::vector<std::string> parameters;
  std::string allowed;
  if (const auto found = by_first_segment_.find(first_segment(http.path)); found != by_first_segment_.end()) {
    for (const auto index : found->second) {
      const auto& route = routes_[index];
      if (!match_path(route.pattern, http.path, parameters)) continue;
      if (!fits(route.method)) {
        allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
        continue;
      }
      label = route.pattern;
      request.set_parameters(std::move(parameters));
      co_return co_await call(route, request);
    }
  }
  for (const auto& route : raw_) {
    if (!match_path(route.pattern, http.path, parameters)) continue;
    if (!fits(route.method)) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    label = route.pattern;
    request.set_parameters(std::move(parameters));
    co_return co_await route.handler(request);
  }
  if (!allowed.empty()) {
    auto response =
        json_reply(405, json::Object{{"status", "error"}, {"message", "Use " + allowed + " for this path."}});
    response.headers.set("Allow", allowed);
    co_return response;
  }
  co_return error_reply({core::ErrorCode::not_found, "Cannot " + http.method + " " + http.path});
}

core::Task<net::HttpResponse> Router::call(const Route& route, Request& request) {
  // What is thrown is a bug, or the client is gone; either way the connection goes on.
  std::string thrown;
  try {
    if (route.auth != Auth::none) {
      const auto known = co_await authenticate(request);
      if (!known && route.auth == Auth::key) co_return error_reply(known.error());
    }
    auto outcome = co_await route.handler(api_, request);
    if (outcome) co_return std::move(*outcome);
    if (status_of(outcome.error().code) >= 500) {
      log_.with("request_id", request.id()).error("{} {}: {}", route.method, route.pattern, outcome.error().message);
    }
    co_return error_reply(outcome.error());
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    thrown = error.what();
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  log_.with("request_id", request.id()).error("{} {} threw: {}", route.method, route.pattern, thrown);
  co_return error_reply({core::ErrorCode::internal, thrown});
}

core::Task<core::Result<>> Router::authenticate(Request& request) {
  const auto header = request.http().headers.get("Authorization").value_or("");
  if (!header.starts_with(bearer)) co_return core::fail(core::ErrorCode::unauthorized, "Invalid API Key.");
  auto principal = co_await api_.keys.authenticate(std::string(header.substr(bearer.size())));
  if (!principal) co_return tl::unexpected(principal.error());
  if (!limiter_.allow(principal->api_key_id)) {
    co_return core::fail(core::ErrorCode::rate_limited, "Too many requests with this API key.");
  }
  request.set_principal(std::move(*principal));
  co_return core::Result<>{};
}

core::Task<UpgradeOutcome> Router::handle_upgrade(net::HttpRequest http, core::Worker& worker) {
  Request request(std::move(http), worker);
  request.set_id(core::make_id("req_", 8));
  std::vector<std::string> parameters;
  for (const auto& route : upgrades_) {
    if (!match_path(route.pattern, request.http().path, parameters)) continue;
    request.set_parameters(std::move(parameters));
    co_return co_await route.handler(std::move(request));
  }
  co_return error_reply({core::ErrorCode::not_found, "There is no WebSocket here."});
}

void Router::measure(const std::string& label, unsigned status, double seconds) {
  static const std::vector<double> bounds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};
  api_.metrics
      .counter("retell_http_requests_total", "Requests answered.",
               {{"route", label}, {"status", std::to_string(status)}})
      .add();
  api_.metrics.histogram("retell_http_request_seconds", "Time to answer.", bounds, {{"route", label}}).observe(seconds);
}

}  // namespace retell::api
