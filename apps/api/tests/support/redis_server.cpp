#include "support/redis_server.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

#include "support/child.hpp"

namespace retell::test {

RedisServer::RedisServer(RedisSetup setup) : setup_(std::move(setup)), port_(free_port()) {
  if (setup_.tls) make_certificate(folder_.path(), false);
  start();
}

RedisServer::~RedisServer() { kill(); }

void RedisServer::start() {
  const auto folder = folder_.path().string();
  std::vector<std::string> arguments{"redis-server", "--bind", "127.0.0.1",   "--dir", folder, "--save", "",
                                     "--appendonly", "no",     "--daemonize", "no"};
  if (setup_.tls) {
    arguments.insert(arguments.end(), {"--port", "0", "--tls-port", std::to_string(port_), "--tls-cert-file", ca_file(),
                                       "--tls-key-file", folder + "/server.key", "--tls-auth-clients", "no"});
  } else {
    arguments.insert(arguments.end(), {"--port", std::to_string(port_)});
  }
  if (!setup_.password.empty()) arguments.insert(arguments.end(), {"--requirepass", setup_.password});
  child_ = start_child(arguments, folder_.path() / "server.log", false);
  if (!listens(port_, 10)) throw std::runtime_error("Redis did not start: " + read_file(folder_.path() / "server.log"));
}

void RedisServer::kill() {
  thaw();
  stop_child(std::exchange(child_, 0), SIGKILL);
}

void RedisServer::freeze() { ::kill(child_, SIGSTOP); }

void RedisServer::thaw() {
  if (child_ > 0) ::kill(child_, SIGCONT);
}

}  // namespace retell::test
