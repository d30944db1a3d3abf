// What the transports over a WebSocket share: the one reader, waiting for the far end to introduce itself, marks that
// wait for their answer, and the polite end. A transport lives on the worker of its socket, inside serve().
#pragma once
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "core/log.hpp"
#include "core/task.hpp"
#include "engine/media_transport.hpp"
#include "net/websocket.hpp"

namespace retell::transports {

struct SocketLimits {
  std::chrono::milliseconds introduction{10'000};  // from the handshake to the message that names the call
  std::chrono::milliseconds play_out{2'000};       // how long hang_up() waits for what was sent to be played
  std::size_t queued_bytes = 48UL << 10U;  // more waiting in our socket: frames are dropped, late sound is worse
};

class SocketTransport : public engine::MediaTransport {
 public:
  SocketTransport(const SocketTransport&) = delete;
  SocketTransport& operator=(const SocketTransport&) = delete;

  void start(Listener& listener) override;
  void mark(std::uint64_t id) override;
  void clear() override;
  void hang_up() override;
  [[nodiscard]] std::size_t queued_bytes() const override { return socket_.queued_bytes(); }

  void name_log(core::Logger log) { log_ = std::move(log); }                  // once it is known whose call this is
  [[nodiscard]] std::uint64_t dropped_frames() const { return dropped_; }     // not sent: the socket lagged
  [[nodiscard]] std::uint64_t bad_messages() const { return bad_messages_; }  // not understood, ignored

 protected:
  SocketTransport(net::WebSocket socket, const core::Executor& executor, SocketLimits limits, core::Logger log);

  // Reads until the socket ends; `handle` runs once introduced() was called, and the socket is closed when it returns.
  // Rethrows what `handle` throws, after the reader has ended.
  [[nodiscard]] core::Task<void> serve_with(std::function<core::Task<void>()> handle);

  virtual void on_message(std::string_view data, bool binary) = 0;
  virtual void write_mark(std::uint64_t id) = 0;
  virtual void write_clear() = 0;

  void introduced();                             // the far end has named its call
  void deliver(const audio::AudioFrame& frame);  // kept, at most a second, until there is a listener
  void deliver_digit(char digit);
  void mark_reached(std::uint64_t id);
  void far_end_left(std::string_view error);  // tells the listener, once
  void bad_message(std::string_view why);     // counted; closes the socket when nothing else comes
  [[nodiscard]] bool may_send_frame();        // false: to be dropped
  [[nodiscard]] net::WebSocket& socket() { return socket_; }
  [[nodiscard]] const core::Logger& log() const { return log_; }

 private:
  struct Pending {
    std::uint64_t id = 0;
    bool cleared = false;
  };
  [[nodiscard]] core::Task<void> read();
  [[nodiscard]] core::Task<void> close_when_played();
  void leave();  // closes the socket, if that has not begun

  // given
  SocketLimits limits_;
  core::Logger log_;
  // owned
  net::WebSocket socket_;
  core::asio::steady_timer introduction_;  // a condition: cancelled when introduced or closed
  core::asio::steady_timer leaving_;       // runs from hang_up() to the close
  // state
  Listener* listener_ = nullptr;
  std::deque<audio::AudioFrame> early_;
  std::deque<Pending> marks_;
  std::uint64_t dropped_ = 0;
  std::uint64_t bad_messages_ = 0;
  std::string error_;
  bool introduced_ = false;
  bool hanging_up_ = false;
  bool leave_now_ = false;
  bool left_ = false;  // the far end is gone or the socket is closed
  bool told_ = false;  // the listener knows
};

}  // namespace retell::transports
