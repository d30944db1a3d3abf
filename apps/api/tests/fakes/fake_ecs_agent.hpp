// The ECS agent's endpoint for task protection, on loopback: takes what the real one takes, and refuses as it does.
#pragma once
#include <atomic>
#include <string>

#include "fakes/fake_server.hpp"

namespace retell::fakes {

class FakeEcsAgent {
 public:
  enum class Fault : std::uint8_t {
    none,
    blocked,        // a failure, DEPLOYMENT_BLOCKED
    not_valid,      // a failure, TASK_NOT_VALID
    access_denied,  // an error, 400
    server_error,   // 500 with a text
    half_open,      // the request is taken and never answered
    garbage,        // 200 with something else
  };

  FakeEcsAgent();

  [[nodiscard]] std::string uri() const { return server_.url("http") + "/api/0123456789abcdef"; }
  FaultSwitch<Fault> fault;
  // "on 30" (minutes) or "off", of every request that was understood; "wrong: …" of those that were not.
  Record<std::string> requests;
  std::atomic<bool> is_protected{false};

 private:
  core::Task<net::HttpResponse> handle(net::HttpRequest request);

  FakeServer server_;
};

}  // namespace retell::fakes
