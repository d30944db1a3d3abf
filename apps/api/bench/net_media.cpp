// CPU of the server per media message in and out: N WebSockets, each with 50 messages a second in both directions, the
// size of a carrier's 20 ms frame. bench_net_media [connections] [seconds]; the load runs in a process of its own, on
// another core when there is one.
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <sched.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <variant>
#include <vector>

#include "core/race.hpp"
#include "net/client.hpp"
#include "net/http_server.hpp"

namespace {

using namespace retell;
using namespace std::chrono_literals;
using core::Task;

void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core % static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)), &set);
  sched_setaffinity(0, sizeof set, &set);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

Task<void> one_call(net::Client& client, std::string url, std::vector<net::WebSocket*>& open) {
  auto socket = co_await client.connect({.url = std::move(url), .reach = net::Reach::any});
  if (!socket) co_return;
  open.push_back(&*socket);
  co_await socket->run([](std::string_view, bool) {});
}

// Every 5 ms a quarter of the calls speaks, on absolute deadlines.
Task<void> speak(std::vector<net::WebSocket*>& open) {
  const std::string message = R"({"event":"media","sequenceNumber":"12345","media":{"track":"inbound","chunk":"1",)"
                              R"("timestamp":"5","payload":")" +
                              std::string(216, 'A') + R"("},"streamSid":"MZ18ad3ab5a668481ce02b83e7395059f0"})";
  core::asio::steady_timer timer(co_await core::asio::this_coro::executor);
  auto next = std::chrono::steady_clock::now();
  for (std::size_t slot = 0;; slot = (slot + 1) % 4) {
    timer.expires_at(next += 5ms);
    co_await timer.async_wait(core::asio::use_awaitable);
    for (std::size_t i = slot; i < open.size(); i += 4) open[i]->send_text(message);
  }
}

using Count = std::shared_ptr<std::atomic<std::uint64_t>>;

Task<void> echo(net::WebSocket socket, Count messages) {
  co_await socket.run([&](std::string_view data, bool) {
    messages->fetch_add(1, std::memory_order_relaxed);
    socket.send_text(std::string(data));
  });
}

Task<net::UpgradeOutcome> accept(const Count& messages) {
  co_return net::WebSocketSession(
      [messages](net::WebSocket socket, core::Worker&) { return echo(std::move(socket), messages); });
}

[[noreturn]] void load(std::uint16_t port, int connections) {
  pin(1);
  core::Worker worker(0);
  net::Client client(worker, {}, {});
  std::vector<net::WebSocket*> open;
  core::TaskGroup group(worker.executor());
  for (int i = 0; i < connections; ++i) {
    group.spawn("call", one_call(client, "ws://127.0.0.1:" + std::to_string(port) + "/", open));
  }
  group.spawn("speak", speak(open));
  worker.context().run();
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const int connections = argc > 1 ? std::atoi(argv[1]) : 500;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 5;
  // The load process is started before any thread is; it learns the port through a pipe.
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return 1;
  const auto child = ::fork();
  if (child == 0) {
    std::uint16_t port = 0;
    if (::read(ends[0], &port, sizeof port) != sizeof port) std::_Exit(1);
    load(port, connections);
  }
  pin(0);
  core::WorkerPool workers(1);
  workers.start();
  auto messages = std::make_shared<std::atomic<std::uint64_t>>(0);
  net::HttpServer server(
      workers, {.port = 0},
      [](net::HttpRequest, core::Worker&) -> Task<net::HttpResponse> { co_return net::HttpResponse{.status = 404}; },
      [messages](const net::HttpRequest&, core::Worker&) { return accept(messages); }, {});
  const auto port = server.start();
  if (!port || ::write(ends[1], &*port, sizeof *port) != sizeof *port) return 1;
  std::this_thread::sleep_for(2s);
  const auto count = messages->load();
  const auto cpu = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  const auto done = static_cast<double>(messages->load() - count);
  const auto used = cpu_seconds() - cpu;
  fmt::print("connections {} messages/s {:.0f} core {:.1f} % us/message-pair {:.2f}\n", server.connections(),
             done / seconds, 100.0 * used / seconds, 1e6 * used / done);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  server.stop(0ms);
  workers.stop();
}
