// Outgoing connections of one worker: pooled HTTP/1.1 with streamed answers, and WebSockets. Created per worker and
// used on its thread only. TLS peers are verified; names are resolved off the thread and cached for 30 s.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/log.hpp"
#include "core/worker.hpp"
#include "net/http_message.hpp"
#include "net/websocket.hpp"

namespace retell::net {

// Where a connection may go. Customers' URLs get public_only: loopback, private, link-local (cloud metadata) and other
// special ranges are refused after resolution, on the very address that is connected to. Vendors named by the operator
// in the configuration get any.
enum class Reach : std::uint8_t { public_only, any };

struct ClientRequest {
  std::string method = "GET";
  std::string url = {};  // http:// or https://
  Headers headers = {};
  std::string body = {};
  Reach reach = Reach::public_only;
  std::chrono::milliseconds connect_timeout{5'000};  // name, TCP and TLS together
  std::chrono::milliseconds first_byte_timeout{30'000};
  std::chrono::milliseconds idle_timeout{30'000};  // between two parts of a body
  std::size_t max_body = std::size_t{16} << 20;
};

// An answer whose body is still arriving. Destroying it drops the connection; reading to the end returns it to the
// pool.
class ResponseStream {
 public:
  ResponseStream(ResponseStream&&) noexcept;
  ResponseStream& operator=(ResponseStream&&) noexcept;
  ~ResponseStream();
  [[nodiscard]] unsigned status() const;
  [[nodiscard]] const Headers& headers() const;
  [[nodiscard]] core::Task<core::Result<std::string>> read();  // the next bytes as they come; empty at the end

  class Impl;
  explicit ResponseStream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

struct ClientWebSocketRequest {
  std::string url = {};  // ws:// or wss://
  Headers headers = {};
  Reach reach = Reach::public_only;
  std::chrono::milliseconds connect_timeout{5'000};  // including the upgrade
  WebSocketOptions options = {};
};

struct ClientOptions {
  std::string ca_file = {};        // additional trusted certificates (PEM); empty: the system's
  std::size_t idle_per_host = 16;  // kept-alive connections
  std::chrono::milliseconds keep_alive{30'000};
};

class Client {
 public:
  Client(core::Worker& worker, const ClientOptions& options, const core::Logger& log);
  ~Client();

  // Sends and reads the whole answer, without following redirects; once more when a reused connection was dead. With
  // the header "Connection: close" a fresh one is used, nothing is sent twice, and unavailable means that nothing was
  // sent.
  [[nodiscard]] core::Task<core::Result<HttpResponse>> send(ClientRequest request);
  [[nodiscard]] core::Task<core::Result<ResponseStream>> open(ClientRequest request);
  [[nodiscard]] core::Task<core::Result<WebSocket>> connect(ClientWebSocketRequest request);
  // Opens a connection to the URL's host into the pool, so that the next request finds it ready.
  [[nodiscard]] core::Task<core::Result<>> warm(std::string url, Reach reach);

  [[nodiscard]] core::Worker& worker() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace retell::net
