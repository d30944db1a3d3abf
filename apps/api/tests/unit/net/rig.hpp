// Workers, a server and raw sockets for the tests of net/, all on loopback.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include "core/worker.hpp"
#include "net/client.hpp"
#include "net/http_server.hpp"

namespace retell::net::test {

using namespace std::chrono_literals;  // NOLINT: a header of tests
using core::Result;
using core::Task;

inline constexpr auto patience = 20s;

// Runs `task` on the worker and gives its value; fails the test when it takes too long.
template <class T>
T run_on(core::Worker& worker, Task<T> task) {
  std::promise<T> promise;
  auto future = promise.get_future();
  auto fill = [](Task<T> inner, std::promise<T>& out) -> Task<void> { out.set_value(co_await std::move(inner)); };
  core::asio::co_spawn(worker.context(), fill(std::move(task), promise), [&promise](const std::exception_ptr& error) {
    if (error) promise.set_exception(error);
  });
  if (future.wait_for(patience) != std::future_status::ready) {
    ADD_FAILURE() << "a task took longer than 20 s";
    std::abort();
  }
  return future.get();
}

// A blocking TCP peer that says exactly what a test wants said.
class RawPeer {
 public:
  explicit RawPeer(int descriptor) : fd_(descriptor) {}
  static RawPeer connect(std::uint16_t port);
  RawPeer(RawPeer&& other) noexcept : fd_(std::exchange(other.fd_, -1)), seen_(std::move(other.seen_)) {}
  RawPeer& operator=(RawPeer&&) = delete;
  ~RawPeer();
  bool send(std::string_view bytes) const;  // false when the connection broke before all was taken
  // Reads until `mark` has come and gives everything up to its end; what follows is kept. Empty at the connection's
  // end.
  std::string read_until(std::string_view mark);
  std::string read_exactly(std::size_t count);
  std::string read_all();     // to the end of the connection
  std::string read_answer();  // head and body of one answer with a Content-Length
  void close();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  bool more();
  int fd_;
  std::string seen_;
};

// Listens on a free port and hands out connections; the "other server" of client tests.
class RawListener {
 public:
  RawListener();
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] RawPeer accept() const;

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

// Two workers, a server with the given handlers, and a client on worker 0.
class Rig {
 public:
  Rig(HttpHandler handler, UpgradeHandler upgrade, HttpServerOptions options = {}, ClientOptions client = {});
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view path, std::string_view scheme = "http") const;
  core::Worker& worker() { return workers_.at(0); }
  core::WorkerPool& workers() { return workers_; }
  HttpServer& server() { return *server_; }
  Client& client() { return *client_; }
  template <class T>
  T run(Task<T> task) {
    return run_on(worker(), std::move(task));
  }

 private:
  core::WorkerPool workers_{2};
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Client> client_;
  std::uint16_t port_ = 0;
};

// Answers with method, path, query and body, so that a test sees what the server understood.
Task<HttpResponse> mirror(HttpRequest request, core::Worker& worker);
// What a server that stops sends to its WebSockets.
std::string going_away_frame();
// Accepts every upgrade and sends each message back.
Task<UpgradeOutcome> echo(HttpRequest request, core::Worker& worker);

}  // namespace retell::net::test
