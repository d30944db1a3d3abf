// The whole API over the services' fixture: a request in, its answer out. The fuzzer stands on it as well.
#pragma once
#include "api/router.hpp"
#include "storage/cache/memory_rate_limiter.hpp"
#include "unit/services/fixture.hpp"

namespace retell::api {

class EndpointsOn : public services::ServicesOn {
 protected:
  using ServicesOn::ServicesOn;
  static core::Task<core::Result<>> is_ready(const bool& ready) {
    if (ready) co_return core::Result<>{};
    co_return core::fail(core::ErrorCode::unavailable, "draining");
  }

  net::HttpResponse send(std::string method, std::string target, std::string body = "", net::Headers headers = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = target;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
    request.headers = std::move(headers);
    if (!request.headers.has("Authorization")) request.headers.set("Authorization", "Bearer " + key);
    request.body = std::move(body);
    return run(router.handle(std::move(request), worker));
  }
  static std::string text(const json::Value& value) { return std::string(value.as_string()); }

  core::Worker worker{0};
  core::Metrics metrics;
  bool ready = true;
  storage::MemoryRateLimiter rates{clock};
  services::AuditService audit{*database, clock};
  Api api{keys,      workspaces, users,       sessions,   audit,    webhooks,     agents,
          versions,  llms,       flows,       components, voices,   calls,        numbers,
          purchases, recordings, chat_engine, chats,      contacts, contact_jobs, knowledge_bases,
          tests,     uploads,    assets,      rates,      metrics,  clock,        [this] { return is_ready(ready); }};
  Router router{api, {}, {}};

  // All of an answer that comes in pieces.
  std::string body_of(net::HttpResponse& response) {
    std::string body;
    for (;;) {
      const auto part = run(response.stream->reader()).value();
      if (part.empty()) return body;
      body += part;
    }
  }
};

// TEST_P(Suite, …) with RETELL_ON_EVERY_DATABASE(Suite).
class Endpoints : public EndpointsOn, public ::testing::WithParamInterface<storage::Dialect> {
 protected:
  Endpoints() : EndpointsOn(GetParam()) {}
};

}  // namespace retell::api
