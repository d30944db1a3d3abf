#include "app/commands/serve.hpp"

#include <fmt/core.h>

#include <atomic>
#include <csignal>
#include <pthread.h>
#include <thread>
#include <unistd.h>

#include "app/commands/common.hpp"
#include "app/server.hpp"
#include "core/log.hpp"

namespace retell::app {

int serve(const config::Config& config) {
  // Signals are waited for below, in this thread alone; threads started later inherit the mask.
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  core::init_log(config.log.level, config.log.format);
  const core::Logger log;
  auto server = Server::build(config, log);
  if (!server) return tell(server.error());
  const auto port = (*server)->start();
  if (!port) return tell(port.error());
  log.info("listening on http://{}:{}", config.server.host, *port);
  if (config.log.format == core::LogFormat::text) {
    fmt::print("Ready: http://{}:{}\n", config.server.host == "0.0.0.0" ? "localhost" : config.server.host, *port);
    std::fflush(stdout);
  }

  int received = 0;
  ::sigwait(&signals, &received);
  log.info("{}: draining for at most {} s, {} live calls (once more to cut them)",
           received == SIGTERM ? "SIGTERM" : "SIGINT", config.drain.count(), (*server)->live_calls());
  (*server)->drain(config.drain, [&] {
    const timespec none{0, 0};
    return ::sigtimedwait(&signals, nullptr, &none) > 0;
  });
  server->reset();
  log.info("stopped");
  return 0;
}

}  // namespace retell::app
