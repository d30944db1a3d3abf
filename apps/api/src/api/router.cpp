#include "api/router.hpp"

#include <algorithm>

#include "api/routes/routes.hpp"
#include "api/visitor.hpp"
#include "core/ids.hpp"
#include "crypto/jwt.hpp"
#include "json/text.hpp"
#include "text/utf8.hpp"

namespace retell::api {
namespace {

constexpr std::string_view bearer = "bearer ";

// RFC 9110: the name of a scheme is the same in any case.
bool has_bearer(std::string_view header) {
  if (header.size() < bearer.size()) return false;
  return std::equal(bearer.begin(), bearer.end(), header.begin(),
                    [](char wanted, char c) { return wanted == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
}

std::string first_segment(std::string_view path) {
  if (!path.empty()) path.remove_prefix(1);
  // Versions of the API are told apart by the second segment.
  auto end = path.find('/');
  if (path.size() > 2 && path[0] == 'v' && path[1] >= '0' && path[1] <= '9' && end != std::string_view::npos) {
    end = path.find('/', end + 1);
  }
  return std::string(path.substr(0, end));
}

// The id in the answer to a creation: its first member of a name such as "agent_id".
std::string made_id(const net::HttpResponse& response) {
  const auto body = json::parse(response.body);
  if (!body || !body->is_object()) return {};
  for (const auto& member : body->get_object()) {
    const std::string_view name = member.key();
    const bool id = name.ends_with("_id") || name == "phone_number";
    if (id && member.value().is_string()) return std::string(member.value().get_string());
  }
  return {};
}

bool fits(const net::HttpRequest& http, std::string_view method) {
  return method == http.method || (method == "GET" && http.method == "HEAD");  // the server leaves the body away
}

// What no id and no search has, and a database may not be able to hold.
bool is_plain(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto point = text::code_point_at(text, at);
    const bool broken = point.value == 0xFFFD && point.length == 1;
    if (point.value == 0 || broken) return false;
    at += point.length;
  }
  return true;
}

std::optional<net::HttpResponse> unreadable(const net::HttpRequest& http) {
  const auto coding = http.headers.get("Content-Encoding").value_or("");
  if (!coding.empty() && coding != "identity") {
    const auto message = "Content-Encoding: " + std::string(coding.substr(0, 40)) +
                         " is not understood here; send the body as it is, without compression.";
    auto response = json_reply(415, json::Object{{"status", "error"}, {"message", message}});
    response.headers.set("Accept-Encoding", "identity");  // RFC 9110, 15.5.16
    return response;
  }
  if (!is_plain(http.path) || !is_plain(net::percent_decode(http.query, true))) {
    return error_reply({core::ErrorCode::invalid, "The path and query must be UTF-8 without the character U+0000."});
  }
  return std::nullopt;
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
      meters_(api.metrics),
      max_requests_per_second_(options.max_requests_per_second),
      proxies_(options.proxies),
      log_(std::move(log)) {
  for (const auto& resource : all_resources()) add(resource);
}

void Router::add(const Resource& resource) {
  for (const auto& route : resource.routes) {
    by_first_segment_[first_segment(route.pattern)].push_back(routes_.size());
    routes_.push_back(route);
    routes_.back().needs.need = need_of(resource, route);
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
  request.set_visitor(visitor_of(request.http(), proxies_));
  std::string label = "none";  // the pattern, so that metrics have a bounded number of series
  auto response = co_await dispatch(request, label);
  cors_.decorate(request.http(), response);
  response.headers.set("X-Request-Id", request.id());
  response.headers.set("X-Content-Type-Options", "nosniff");
  meters_.answered(label, response.status, std::chrono::duration<double>(api_.clock.now() - begun).count());
  co_return response;
}

const Route* Router::find(const net::HttpRequest& http, std::vector<std::string>& parameters,
                          std::string& allowed) const {
  const auto found = by_first_segment_.find(first_segment(http.path));
  if (found == by_first_segment_.end()) return nullptr;
  for (const auto index : found->second) {
    const auto& route = routes_[index];
    if (!match_path(route.pattern, http.path, parameters)) continue;
    if (fits(http, route.method)) return &route;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return nullptr;
}

// Whoever may not use the endpoint is told so before a gigabyte is read from them.
core::Task<std::optional<net::HttpResponse>> Router::admit(net::HttpRequest head, std::uint64_t length,
                                                           core::Worker& worker) {
  std::vector<std::string> parameters;
  std::string allowed;
  if (auto refusal = unreadable(head)) {
    cors_.decorate(head, *refusal);
    co_return std::move(*refusal);
  }
  const auto* route = find(head, parameters, allowed);
  Request request(std::move(head), worker);
  core::Result<> fine;
  const auto most = route == nullptr ? 0 : route->about.most_body;
  if (length > most) {
    const auto limit = std::max<std::uint64_t>(most, net::HttpServerOptions{}.max_body);
    fine = core::fail(core::ErrorCode::too_large,
                      "The request's body is larger than " + std::to_string(limit) + " bytes.");
  } else {
    auto principal = co_await identify(request.http());
    if (principal) {
      request.set_principal(std::move(*principal));
      fine = permit(*route, request);
    } else {
      fine = tl::unexpected(principal.error());
    }
  }
  if (fine) co_return std::nullopt;
  auto refusal = error_reply(fine.error());
  cors_.decorate(request.http(), refusal);
  co_return refusal;
}

core::Task<net::HttpResponse> Router::dispatch(Request& request, std::string& label) {
  const auto& http = request.http();
  std::vector<std::string> parameters;
  std::string allowed;
  if (auto refusal = unreadable(http)) co_return std::move(*refusal);
  if (const auto* route = find(http, parameters, allowed)) {
    label = route->pattern;
    request.set_parameters(std::move(parameters));
    co_return co_await call(*route, request);
  }
  for (const auto& route : raw_) {
    if (!match_path(route.pattern, http.path, parameters)) continue;
    if (!fits(http, route.method)) {
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
      auto known = co_await authenticate(request);
      if (known) known = permit(route, request);
      if (!known && route.auth == Auth::key) co_return error_reply(known.error());
      if (!known) request.set_principal({});  // a stranger, as far as this endpoint goes
    }
    const auto errand = this->errand(route, request);
    auto outcome =
        errand ? co_await core::on_errand(errand, route.handler(api_, request)) : co_await route.handler(api_, request);
    if (outcome && errand && outcome->status < 300) {
      const auto noted = co_await api_.audit.finish(*errand, errand->is_written() ? "" : made_id(*outcome));
      if (!noted) outcome = tl::unexpected<core::Error>(noted.error());
    }
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

core::Task<core::Result<services::Principal>> Router::identify(const net::HttpRequest& http) {
  const auto& headers = http.headers;
  const auto header = headers.get("Authorization").value_or("");
  if (!has_bearer(header)) co_return core::fail(core::ErrorCode::unauthorized, "Invalid API Key.");
  const std::string credential(header.substr(bearer.size()));
  if (!crypto::looks_like_jwt(credential)) co_return co_await api_.keys.authenticate(credential);
  // Retell's own dashboard names the workspace by orgId.
  const auto workspace = headers.get("X-Workspace-Id").value_or(headers.get("orgId").value_or(""));
  co_return co_await api_.sessions.authenticate(credential, std::string(workspace));
}

core::Task<core::Result<>> Router::authenticate(Request& request) {
  auto principal = co_await identify(request.http());
  if (!principal) co_return tl::unexpected(principal.error());
  const auto rate = principal->requests_per_second.value_or(max_requests_per_second_);
  // Whoever belongs to no workspace has a limit of their own.
  const auto& whose = principal->organization_id.empty() ? principal->user_id : principal->organization_id;
  std::optional<std::chrono::milliseconds> wait;
  if (rate > 0) wait = co_await api_.rates.too_early_by(whose, rate);
  if (wait) {
    core::Error error{core::ErrorCode::rate_limited,
                      "Too many requests: the limit of this workspace is " + std::to_string(rate) + " a second."};
    error.retry_after = *wait;
    co_return tl::unexpected<core::Error>(std::move(error));
  }
  request.set_principal(std::move(*principal));
  co_return core::Result<>{};
}

core::Result<> Router::permit(const Route& route, const Request& request) {
  const auto refuse = [](std::string message) { return core::fail(core::ErrorCode::forbidden, std::move(message)); };
  const auto& who = request.principal();
  const auto& needs = route.needs;
  if (who.kind == services::PrincipalKind::public_key) {
    const auto origin = request.http().headers.get("Origin").value_or("");
    const auto& allowed = who.allowed_origins;
    const bool welcome = std::any_of(allowed.begin(), allowed.end(),
                                     [&](const auto& entry) { return domain::origin_allowed(origin, entry); });
    if (!welcome) return refuse("This public key is not for this origin.");
    if (!needs.browser && !needs.anyone) return refuse("A public key cannot do this.");
  }
  if (needs.person) {
    if (who.kind == services::PrincipalKind::user) return {};
    return refuse("This is for people who are signed in, not for API keys.");
  }
  if (needs.anyone || who.grants.allow(*needs.need)) return {};
  return refuse("This needs " + services::describe(*needs.need) + ".");
}

std::shared_ptr<storage::AuditErrand> Router::errand(const Route& route, const Request& request) const {
  const auto& who = request.principal();
  // Whatever right they ask for: lists alone are POST and change nothing.
  const bool edits = route.needs.need->access == domain::Access::edit || route.needs.person || route.method != "POST";
  // Calls and chats are records of their own.
  const bool noted = edits && route.method != "GET" && route.needs.need->area != domain::Area::call;
  if (!noted || who.kind == services::PrincipalKind::nobody) return nullptr;
  services::Deed deed{std::string(route.method) + " " + std::string(route.pattern), "", request.visitor(),
                      request.id()};
  for (const auto& parameter : request.parameters()) deed.target += (deed.target.empty() ? "" : " ") + parameter;
  return api_.audit.begin(who, std::move(deed));
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

}  // namespace retell::api
