// A customer's server that takes webhooks on a port of its own, and fails as it is told to.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakes/fake_server.hpp"
#include "support/child.hpp"

namespace retell::test {

class Receiver {
 public:
  enum class Fault : std::uint8_t {
    none,
    error,    // 500
    silence,  // never an answer
    late,     // the answer comes after the sender's patience
  };

  // `patience`: of the senders.
  explicit Receiver(std::chrono::milliseconds patience) : patience_(patience) { come(); }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
  void go() { server_.reset(); }  // connections are refused
  void come();

  // By call, in the order of arrival, what was answered well and in time.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> events() const;
  [[nodiscard]] std::size_t taken() const { return taken_.size(); }

  fakes::FaultSwitch<Fault> fault;
  std::atomic<int> failed{0};  // requests

 private:
  core::Task<net::HttpResponse> take(net::HttpRequest request);

  std::chrono::milliseconds patience_;
  std::uint16_t port_ = free_port();
  fakes::Record<std::string> taken_;  // bodies
  std::unique_ptr<fakes::FakeServer> server_;
};

}  // namespace retell::test
