#include "net/websocket.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <stdexcept>
#include <utility>

#include "core/ids.hpp"
#include "net/websocket_impl.hpp"

namespace retell::net {

namespace asio = core::asio;
using boost::system::error_code;

namespace {

constexpr auto closing_limit = std::chrono::seconds(2);
constexpr std::size_t keep_out = std::size_t{64} << 10;  // a larger output buffer is given back once it is empty
constexpr unsigned ticks_to_ping = 4;                    // silence is looked at four times per ping_after
constexpr unsigned ticks_to_drop = 8;

}  // namespace

WebSocket::Impl::Impl(core::Worker& worker, std::unique_ptr<Connection> connection, WsRole role,
                      const WebSocketOptions& options)
    : role_(role),
      options_(options),
      connection_(std::move(connection)),
      decoder_(role, options.max_message),
      silence_(worker.context()),
      closing_(worker.context()),
      ended_(worker.context()),
      next_mask_(masks_.size()) {
  connection_->expires_never();
  ended_.expires_at(core::TimePoint::max());
  const auto early = connection_->input();
  decoder_.push(early);
  connection_->consume(early.size());
}

core::Task<WebSocketClose> WebSocket::Impl::run(std::function<void(std::string_view, bool)> on_message) {
  const auto self = shared_from_this();
  if (running_) throw std::logic_error("WebSocket::run is called once");
  running_ = true;
  on_message_ = std::move(on_message);
  // Whatever ends this coroutine, nothing of its caller is called afterwards.
  struct Guard {
    Impl& impl;
    ~Guard() {
      impl.drop();
      if (!impl.delivering_) impl.on_message_ = nullptr;
    }
  } guard{*this};
  watch_silence();
  take_events();
  while (state_ != State::ended) {
    error_code ignored;
    co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none && state_ != State::ended) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  if (failure_) std::rethrow_exception(failure_);
  co_return result_;
}

void WebSocket::Impl::read_more() {
  if (reading_ || state_ == State::ended || !connection_->is_open()) return;
  reading_ = true;
  connection_->start_read(decoder_.prepare(), shared_from_this());
}

void WebSocket::Impl::on_read(error_code error, std::size_t count) {
  reading_ = false;
  if (state_ == State::ended) return;
  if (error) {
    finish(result_);
    return;
  }
  silent_ticks_ = 0;
  if (state_ == State::discard) {
    read_more();
    return;
  }
  decoder_.commit(count);
  take_events();
}

void WebSocket::Impl::take_events() {
  while (state_ == State::open || state_ == State::closing) {
    const auto event = decoder_.next();
    if (event.kind == WsDecoder::Kind::none) break;
    on_event(event);
  }
  if (state_ != State::leaving) read_more();
}

void WebSocket::Impl::on_event(const WsDecoder::Event& event) {
  using Kind = WsDecoder::Kind;
  switch (event.kind) {
    case Kind::text:
      deliver(event.data, false);
      break;
    case Kind::binary:
      deliver(event.data, true);
      break;
    case Kind::ping:
      if (state_ == State::open && queued() <= options_.max_queued) queue(WsOpcode::pong, event.data);
      break;
    case Kind::close:
      result_ = {.code = event.code, .reason = std::string(event.data)};
      if (state_ == State::open) queue(WsOpcode::close, close_payload(event.code, {}));
      state_ = State::leaving;
      limit_closing();
      if (queued() == 0) finish(result_);
      break;
    case Kind::error:
      result_ = {.code = event.code, .reason = std::string(event.data)};
      if (state_ == State::open) queue(WsOpcode::close, close_payload(event.code, event.data));
      state_ = State::discard;
      limit_closing();
      break;
    case Kind::pong:
    case Kind::none:
      break;
  }
}

void WebSocket::Impl::deliver(std::string_view data, bool binary) {
  delivering_ = true;
  try {
    on_message_(data, binary);
  } catch (...) {
    failure_ = std::current_exception();
  }
  delivering_ = false;
  if (failure_) drop();
  if (state_ == State::ended) on_message_ = nullptr;
}

bool WebSocket::Impl::send(WsOpcode opcode, std::string_view payload) {
  if (state_ != State::open || write_failed_ || queued() + payload.size() > options_.max_queued) return false;
  queue(opcode, payload);
  return !write_failed_;
}

void WebSocket::Impl::queue(WsOpcode opcode, std::string_view payload) {
  if (write_failed_) return;
  if (role_ == WsRole::client) {
    if (next_mask_ == masks_.size()) {
      core::random_bytes({reinterpret_cast<unsigned char*>(masks_.data()), sizeof masks_});
      next_mask_ = 0;
    }
    append_frame(out_, opcode, payload, &masks_[next_mask_++]);
  } else {
    append_frame(out_, opcode, payload, nullptr);
  }
  flush();
}

// Plain sockets are written to at once, which costs one system call and no allocation per message; only what the
// kernel does not take waits, and goes out together later.
void WebSocket::Impl::flush() {
  if (writing_ || out_begin_ == out_.size() || !connection_->is_open()) return;
  if (connection_->tls()) {
    in_flight_.clear();
    in_flight_.swap(out_);
    writing_ = true;
    connection_->start_write(in_flight_, shared_from_this());
    return;
  }
  const auto count = connection_->write_now(std::string_view(out_).substr(out_begin_));
  if (!count) {
    on_write(boost::system::errc::make_error_code(boost::system::errc::broken_pipe));
    return;
  }
  out_begin_ += *count;
  if (out_begin_ == out_.size()) {
    written();
    return;
  }
  writing_ = true;
  connection_->wait_writable(shared_from_this());
}

void WebSocket::Impl::written() {
  out_begin_ = 0;
  out_.clear();
  if (out_.capacity() > keep_out) out_.shrink_to_fit();
}

void WebSocket::Impl::on_write(error_code error) {
  writing_ = false;
  in_flight_.clear();
  if (state_ == State::ended) return;
  if (error) {
    // The reader may still hold the peer's last words, so it decides the end; but not for ever.
    write_failed_ = true;
    written();
    limit_closing();
  } else {
    flush();
  }
  if (state_ == State::leaving && queued() == 0) finish(result_);
}

void WebSocket::Impl::close(std::uint16_t code, std::string_view reason) {
  if (state_ != State::open) return;
  queue(WsOpcode::close, close_payload(code, reason));
  state_ = State::closing;
  limit_closing();
}

void WebSocket::Impl::limit_closing() {
  if (closing_.expiry() != asio::steady_timer::time_point{}) return;  // runs already
  closing_.expires_after(closing_limit);
  closing_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->finish(self->result_);
  });
}

void WebSocket::Impl::drop() { finish(result_); }

void WebSocket::Impl::finish(WebSocketClose how) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  result_ = std::move(how);
  connection_->close();
  silence_.cancel();
  closing_.cancel();
  ended_.cancel();
}

void WebSocket::Impl::watch_silence() {
  if (state_ == State::ended || options_.ping_after.count() <= 0) return;
  silence_.expires_after(options_.ping_after / ticks_to_ping);
  silence_.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->state_ == State::ended) return;
    ++self->silent_ticks_;
    if (self->silent_ticks_ == ticks_to_ping && self->state_ == State::open) self->queue(WsOpcode::ping, {});
    if (self->silent_ticks_ >= ticks_to_drop) {
      self->finish({.code = ws_close::abnormal, .reason = "the peer has fallen silent"});
      return;
    }
    self->watch_silence();
  });
}

WebSocket::WebSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocket::WebSocket(WebSocket&&) noexcept = default;

WebSocket& WebSocket::operator=(WebSocket&& other) noexcept {
  if (this != &other) {
    if (impl_) impl_->drop();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

WebSocket::~WebSocket() {
  if (impl_) impl_->drop();
}

core::Task<WebSocketClose> WebSocket::run(std::function<void(std::string_view data, bool binary)> on_message) {
  return impl_->run(std::move(on_message));
}

bool WebSocket::send_text(std::string_view message) { return impl_->send(WsOpcode::text, message); }
bool WebSocket::send_binary(std::string_view message) { return impl_->send(WsOpcode::binary, message); }
void WebSocket::close(std::uint16_t code, std::string_view reason) { impl_->close(code, reason); }
bool WebSocket::open() const { return impl_->open(); }
std::size_t WebSocket::queued_bytes() const { return impl_->queued(); }

}  // namespace retell::net
