// The machine behind WebSocket: decodes what arrives, writes what is queued, pings when it is silent. Internal to net/.
#pragma once
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/worker.hpp"
#include "net/connection.hpp"
#include "net/websocket.hpp"
#include "net/ws_frames.hpp"

namespace retell::net {

class WebSocket::Impl : public ConnectionListener, public std::enable_shared_from_this<Impl> {
 public:
  // `connection` has finished its handshake; its unread input is the first of the peer's frames.
  Impl(core::Worker& worker, std::unique_ptr<Connection> connection, WsRole role, const WebSocketOptions& options);

  [[nodiscard]] core::Task<WebSocketClose> run(std::function<void(std::string_view, bool)> on_message);
  bool send(WsOpcode opcode, std::string_view payload);
  void close(std::uint16_t code, std::string_view reason);
  void drop();  // at once; run() then ends with 1006 unless a close was agreed before

  [[nodiscard]] bool open() const { return state_ == State::open; }
  [[nodiscard]] std::size_t queued() const { return out_.size() - out_begin_ + in_flight_.size(); }

  void on_read(boost::system::error_code error, std::size_t count) override;
  void on_write(boost::system::error_code error) override;

 private:
  enum class State : std::uint8_t {
    open,
    closing,  // our close frame is queued or sent; the peer's is awaited
    leaving,  // both close frames are there; ends when ours is written
    discard,  // the peer broke the protocol: our close frame goes out, what comes in is dropped
    ended,
  };
  void read_more();
  void take_events();
  void on_event(const WsDecoder::Event& event);
  void deliver(std::string_view data, bool binary);
  void queue(WsOpcode opcode, std::string_view payload);
  void flush();
  void written();
  void limit_closing();
  void finish(WebSocketClose how);
  void watch_silence();

  // Given.
  WsRole role_;
  WebSocketOptions options_;
  // Owned.
  std::unique_ptr<Connection> connection_;
  WsDecoder decoder_;
  core::asio::steady_timer silence_;
  core::asio::steady_timer closing_;
  core::asio::steady_timer ended_;  // a condition: cancelled when the socket has ended
  std::function<void(std::string_view, bool)> on_message_;
  std::string out_;        // frames to be written, from out_begin_ on
  std::string in_flight_;  // handed to TLS, until written
  // State.
  State state_ = State::open;
  WebSocketClose result_;
  std::exception_ptr failure_;  // what on_message threw; run() throws it on
  std::size_t out_begin_ = 0;
  std::array<std::uint32_t, 64> masks_{};
  std::size_t next_mask_ = 0;
  unsigned silent_ticks_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool write_failed_ = false;
  bool delivering_ = false;
  bool running_ = false;
};

}  // namespace retell::net
