// A WebSocket to a vendor, owned by a stream of a call. What is sent before it is open waits, bounded. Destroying it
// ends all events at once; the closing goes on for at most 2 s in the worker's background. The worker's thread.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/websocket.hpp"
#include "providers/registry.hpp"

namespace retell::providers::remote {

class VendorSocket {
 public:
  // None is called from inside the constructor, send_text() or send_binary(). Each may destroy the VendorSocket.
  struct Handlers {
    std::function<void()> on_open;
    std::function<void(std::string_view data, bool binary)> on_message;
    // The connection could not be made (close code 0) or has ended; the last call.
    std::function<void(std::uint16_t code, core::Error error)> on_end;
    std::function<void()> on_tick;  // every `tick` from the beginning
  };

  // `vendor` names the peer in errors; a literal.
  VendorSocket(const Place& place, std::string_view vendor, net::ClientWebSocketRequest request, Handlers handlers,
               std::chrono::milliseconds tick);
  ~VendorSocket();  // leave() without words
  VendorSocket(const VendorSocket&) = delete;
  VendorSocket& operator=(const VendorSocket&) = delete;

  // False when it does not fit (the vendor does not read) or the connection has ended.
  bool send_text(std::string_view message);
  bool send_binary(std::string_view message);
  // Sends the vendor's own goodbye (may be empty), then closes. No event comes after this.
  void leave(std::string_view last_words);
  // Drops the connection at once: for a peer that no longer answers.
  void drop();
  [[nodiscard]] bool open() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with its coroutine, which outlives the owner by the closing handshake
};

}  // namespace retell::providers::remote
