// One WebSocket, client's or server's side, on one thread. A single writer runs inside; sends never block.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::net {

struct WebSocketOptions {
  std::size_t max_message = std::size_t{1} << 20;  // bytes; a longer one closes the socket with 1009
  std::size_t max_queued = std::size_t{4} << 20;   // bytes waiting to be written; more refuses the send
  std::chrono::milliseconds ping_after{
      10'000};  // silence after which the peer is pinged; twice that without an answer closes
};

struct WebSocketClose {
  std::uint16_t code = 1006;  // 1006: the connection ended without a closing handshake
  std::string reason = {};
};

class WebSocket {
 public:
  WebSocket(WebSocket&&) noexcept;
  WebSocket& operator=(WebSocket&&) noexcept;
  ~WebSocket();  // drops the connection at once; queued messages are lost (close() and let run() end to keep them)

  // The one reader, once, for the socket's whole life: calls `on_message(data, binary)` for each message, the data
  // valid during the call only, and gives how the socket was closed. Cancelling it drops the connection.
  [[nodiscard]] core::Task<WebSocketClose> run(std::function<void(std::string_view data, bool binary)> on_message);

  // Queues a message. False when the socket is closed or the queue is full (the message is then not sent).
  bool send_text(std::string_view message);
  bool send_binary(std::string_view message);
  // Sends what is queued, then the closing handshake (at most 2 s); run() then ends. Later sends give false.
  void close(std::uint16_t code = 1000, std::string_view reason = {});

  [[nodiscard]] bool open() const;
  [[nodiscard]] std::size_t queued_bytes() const;  // not yet handed to the kernel

  class Impl;  // in websocket_impl; the only place that knows Beast
  explicit WebSocket(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;  // shared with its own writer while a write is pending
};

}  // namespace retell::net
