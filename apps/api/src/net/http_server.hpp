// The HTTP/1.1 and WebSocket server: one acceptor; each connection is dealt to the least loaded worker and stays there,
// unless it becomes a WebSocket that belongs on another.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/log.hpp"
#include "core/worker.hpp"
#include "net/http_message.hpp"
#include "net/websocket.hpp"

namespace retell::net {

class BodyStore;

// Asked about a request whose body says that it is longer than max_body, before anything of it is read: the response
// that refuses it, or nothing, and it is kept on disk. On the connection's worker.
using Admit = std::function<core::Task<std::optional<HttpResponse>>(HttpRequest head, std::uint64_t length,
                                                                    core::Worker& worker)>;

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  std::size_t max_header = std::size_t{32} << 10;
  std::size_t max_body = std::size_t{8} << 20;
  std::size_t max_connections = 20'000;
  std::chrono::milliseconds header_timeout{10'000};  // also how long an idle kept-alive connection may stay: see idle
  std::chrono::milliseconds idle_timeout{320'000};   // above the 300 s of our load balancer, which must close first
  std::chrono::milliseconds body_timeout{60'000};    // for all of it, or for each piece of a large one
  // Bodies longer than max_body; without a store there are none.
  BodyStore* large_bodies = nullptr;
  Admit admit = {};
  std::chrono::milliseconds large_body_timeout{3'600'000};  // for all of it
  WebSocketOptions websocket = {};
};

// Runs on the connection's worker.
using HttpHandler = std::function<core::Task<HttpResponse>(HttpRequest, core::Worker& worker)>;
using WebSocketSession = std::function<core::Task<void>(WebSocket, core::Worker& worker)>;
// What a WebSocket is to do, and where. The connection is moved to `runs_on`, with every byte that has come already,
// before the session begins; null, or a worker that is none of the server's: it runs where the connection is.
struct WebSocketUpgrade {
  // NOLINTNEXTLINE(google-explicit-constructor): a session alone is an upgrade, too
  WebSocketUpgrade(WebSocketSession what, core::Worker* where = nullptr) : session(std::move(what)), runs_on(where) {}
  WebSocketSession session;
  core::Worker* runs_on;
};
// Asked for every upgrade request before the handshake: a session to run, or the response that refuses.
using UpgradeOutcome = std::variant<WebSocketUpgrade, HttpResponse>;
using UpgradeHandler = std::function<core::Task<UpgradeOutcome>(HttpRequest, core::Worker& worker)>;

class HttpServer {
 public:
  HttpServer(core::WorkerPool& workers, HttpServerOptions options, HttpHandler handler, UpgradeHandler upgrade,
             core::Logger log);
  ~HttpServer();

  [[nodiscard]] core::Result<std::uint16_t> start();  // binds, listens; gives the port. The error names host and port.
  void stop_accepting();                              // live connections go on; any thread
  // Closes idle connections, tells WebSockets that we go (1001), waits up to `grace` for them and for busy connections,
  // then drops them. Blocks; not on a worker.
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] std::size_t connections() const;  // any thread

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace retell::net
