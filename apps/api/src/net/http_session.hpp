// One accepted connection: requests one after another until it closes, idles too long or becomes a WebSocket.
// Internal to net/; lives in a coroutine of its lane's task group.
#pragma once
#include <atomic>
#include <cstddef>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task_group.hpp"
#include "core/worker.hpp"
#include "net/body_file.hpp"
#include "net/connection.hpp"
#include "net/http_parser.hpp"
#include "net/http_server.hpp"
#include "net/websocket.hpp"

namespace retell::net {

class HttpSession;

// A WebSocket after its handshake, on its way to the worker where it is to run.
struct MovedSocket {
  DetachedConnection connection;
  WebSocketSession session;
  std::string path;  // for the log
};

// The way from one lane to another. Any thread.
class HttpLanes {
 public:
  virtual ~HttpLanes() = default;
  [[nodiscard]] virtual bool has(const core::Worker& worker) const = 0;
  virtual void hand_over(const core::Worker& to, MovedSocket socket) = 0;  // dropped when that lane is stopping
};

// The server's part on one worker. Only `connections` is touched by other threads.
// What WebSockets are told by a server that stops.
inline constexpr std::string_view going_down = "the server is going down";

// The header field of an answer, written once a second. One thread.
class DateLine {
 public:
  [[nodiscard]] const std::string& now();

 private:
  std::time_t second_ = 0;
  std::string text_;
};

struct HttpLane {
  HttpLane(HttpLanes& others, core::Worker& on, const HttpServerOptions& given, const HttpHandler& handle,
           const UpgradeHandler& ask, const core::Logger& logger)
      : lanes(others),
        worker(on),
        options(given),
        handler(handle),
        upgrade(ask),
        log(logger),
        group(on.executor(), logger) {}
  HttpLanes& lanes;
  core::Worker& worker;
  const HttpServerOptions& options;
  const HttpHandler& handler;
  const UpgradeHandler& upgrade;
  const core::Logger& log;
  core::TaskGroup group;
  std::unordered_set<HttpSession*> sessions;
  std::unordered_set<std::shared_ptr<WebSocket::Impl>> websockets;
  std::atomic<std::size_t> connections{0};
  bool stopping = false;
  DateLine date;
};

class HttpSession {
 public:
  HttpSession(HttpLane& lane, int descriptor);
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  [[nodiscard]] core::Task<void> run();
  void close_if_idle();  // for a server that stops: between two requests nobody waits for anything

 private:
  enum class Next : std::uint8_t { another, end };
  [[nodiscard]] core::Task<bool> read_request(RequestParser& parser);
  // The header has come: whether its body may come, too. When not, everything owed to the peer has been sent.
  [[nodiscard]] core::Task<bool> admit(RequestParser& parser);
  [[nodiscard]] core::Task<std::optional<HttpResponse>> ask_admission(HttpRequest head, std::uint64_t length);
  // Moves what has come of a large body to its file; false as above.
  [[nodiscard]] core::Task<bool> spool(RequestParser& parser);
  [[nodiscard]] core::Task<Next> serve(RequestParser& parser);
  [[nodiscard]] core::Task<bool> respond(HttpResponse response, bool head_only, bool keep_alive, bool http_1_0);
  [[nodiscard]] core::Task<bool> send_stream(const HttpResponse::Stream& stream, std::string head);
  [[nodiscard]] core::Task<void> refuse(unsigned status, std::string_view message);
  [[nodiscard]] core::Task<void> refuse(HttpResponse response);
  [[nodiscard]] core::Task<HttpResponse> handle(HttpRequest request);
  [[nodiscard]] core::Task<void> upgrade(HttpRequest request);

  HttpLane& lane_;
  std::unique_ptr<Connection> connection_;
  std::string remote_address_;
  std::shared_ptr<BodyFile> body_file_;  // of the request that is being read
  core::TimePoint body_until_{};         // when all of it must have come
  bool first_ = true;
  bool idle_ = true;
};

// Runs a session on the lane's worker to its end, over a connection whose handshake is done.
[[nodiscard]] core::Task<void> run_websocket(HttpLane& lane, std::unique_ptr<Connection> connection,
                                             WebSocketSession session, std::string path);

// `{"status":"error","message":…}`, the shape of every error the server itself gives.
[[nodiscard]] HttpResponse error_response(unsigned status, std::string_view message);

}  // namespace retell::net
