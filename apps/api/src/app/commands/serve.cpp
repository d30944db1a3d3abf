#include "app/commands/serve.hpp"

#include <fmt/core.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <optional>
#include <pthread.h>
#include <thread>
#include <unistd.h>

#include "app/commands/common.hpp"
#include "app/figures_publisher.hpp"
#include "app/server.hpp"
#include "app/stop_plan.hpp"
#include "app/task_protection.hpp"
#include "core/log.hpp"
#include "services/demo.hpp"

namespace retell::app {

namespace {

std::string local_url(const config::Config& config, std::uint16_t port) {
  const auto& host = config.server.host;
  if (host == "0.0.0.0" || host == "127.0.0.1" || host == "::1") return fmt::format("http://localhost:{}", port);
  return host.find(':') == std::string::npos ? fmt::format("http://{}:{}", host, port)
                                             : fmt::format("http://[{}]:{}", host, port);
}

core::Result<> print_welcome(const config::Config& config, Server& server, const std::string& url) {
  const auto key = server.first_api_key();
  if (!key) return tl::unexpected(key.error());
  if (*key) fmt::print("\n  Your first API key (shown only now)   {}\n", **key);
  fmt::print("\n");
  if (config.demo && (config.server.public_url.empty() || config.call_page.is_public)) {
    fmt::print("  Talk to the demo agent    {}\n", config.server.public_url.empty() ? url : config.server.public_url);
  }
  if (!config.server.public_url.empty()) {
    fmt::print("  Point Twilio at           {}/twilio/voice/{}\n", config.server.public_url, services::demo_agent_en);
  }
  // The binary as it was called, so that the lines can be pasted.
  std::error_code unknown;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const auto retell = unknown ? std::string("retell") : fmt::format("'{}'", self.string());
  const auto folder = config.data_dir == "data" ? std::string() : fmt::format(" --data-dir '{}'", config.data_dir);
  fmt::print("  Use the API               curl -X POST -H 'Authorization: Bearer <key>' {}/v2/list-agents\n", url);
  fmt::print("  With the Retell SDK       new Retell({{ apiKey: \"<key>\", baseURL: \"{}\" }})\n", url);
  fmt::print("  Another API key           {} keys create{}\n", retell, folder);
  fmt::print("  A simulated phone call    RETELL_API_KEY=<key> {} call --server {} --say 'Hello!'\n", retell, url);
  fmt::print("  Is all well?              {} doctor{}\n", retell, folder);
  fmt::print("  Stop                      Ctrl-C\n\n");
  std::fflush(stdout);
  return {};
}

}  // namespace

int serve(const config::Config& config, bool welcome) {
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
  const auto url = local_url(config, *port);
  if (config.log.format == core::LogFormat::text) {
    fmt::print("Ready: {}\n", url);
    std::fflush(stdout);
  }
  if (welcome) {
    if (const auto told = print_welcome(config, **server, url); !told) return tell(told.error());
  }

  std::optional<FiguresPublisher> figures;
  if (!config.figures.name_space.empty()) {
    figures.emplace(
        CloudWatchLines(config.figures.name_space, config.figures.service), config.figures.interval,
        [&server] { return (*server)->take_figures(); }, write_to_stdout, log);
  }

  std::optional<TaskProtection> protection;
  if (!config.ecs.agent_uri.empty()) {
    protection.emplace(
        config.ecs.agent_uri, [&server] { return (*server)->calls(); }, ScaleInGuardOptions{}, (*server)->metrics(),
        log);
  }

  int received = 0;
  ::sigwait(&signals, &received);
  log.info("{}: draining, {} live calls may go on for {} s (once more to cut them)",
           received == SIGTERM ? "SIGTERM" : "SIGINT", (*server)->live_calls(),
           std::chrono::floor<std::chrono::seconds>(stop_plan(config.drain, config.stop).calls_until).count());
  (*server)->drain([&] {
    const timespec none{0, 0};
    return ::sigtimedwait(&signals, nullptr, &none) > 0;
  });
  protection.reset();
  figures.reset();
  server->reset();
  log.info("stopped");
  return 0;
}

}  // namespace retell::app
