// A Redis of the test's own on a free port of loopback, in a temporary folder, without persistence.
#pragma once
#include <cstdint>
#include <string>
#include <sys/types.h>

#include "support/run.hpp"

namespace retell::test {

struct RedisSetup {
  std::string password = {};
  bool tls = false;  // TLS only, with a certificate for localhost made here; it is its own authority, in ca_file()
};

class RedisServer {
 public:
  explicit RedisServer(RedisSetup setup = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void start();   // empty, on the same port
  void kill();    // SIGKILL
  void freeze();  // takes connections and answers nothing
  void thaw();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string ca_file() const { return (folder_.path() / "server.crt").string(); }

 private:
  TemporaryFolder folder_;
  RedisSetup setup_;
  std::uint16_t port_;
  pid_t child_ = 0;
};

}  // namespace retell::test
