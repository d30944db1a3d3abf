#include "transports/socket_transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

#include "core/task_group.hpp"

namespace retell::transports {
namespace {

constexpr std::size_t early_frames = 50;                            // one second
constexpr std::size_t waiting_frames = 5;                           // more in our socket: the line stands still
constexpr std::size_t max_marks = 1024;                             // pending ones; an engine sends a few a second
constexpr std::uint64_t bad_messages_allowed = 1000;                // then the far end is no far end of ours
constexpr std::uint64_t last_mark = (std::uint64_t{1} << 53U) - 1;  // of hang_up(); JavaScript's largest exact integer

}  // namespace

SocketTransport::SocketTransport(net::WebSocket socket, const core::Executor& executor, std::size_t frame_bytes,
                                 SocketLimits limits, core::Logger log)
    : frame_bytes_(frame_bytes),
      limits_(limits),
      log_(std::move(log)),
      socket_(std::move(socket)),
      introduction_(executor, limits.introduction),
      leaving_(executor, core::asio::steady_timer::time_point::max()) {}

core::Task<void> SocketTransport::read() {
  const auto how = co_await socket_.run([this](std::string_view data, bool binary) { on_message(data, binary); });
  // 1000 and 1001 are endings that were meant; so is everything after a goodbye.
  const bool meant = how.code == 1000 || how.code == 1001 || how.code == 1005 || hanging_up_;
  far_end_left(meant ? std::string_view() : std::string_view("the media connection was lost"));
}

core::Task<void> SocketTransport::close_when_played() {
  // Woken when hang_up() sets the deadline, by the answer to the last mark, and by the deadline.
  while (!leave_now_ && leaving_.expiry() > core::asio::steady_timer::clock_type::now()) {
    boost::system::error_code ignored;
    co_await leaving_.async_wait(core::asio::redirect_error(core::asio::use_awaitable, ignored));
  }
  socket_.close();
}

core::Task<void> SocketTransport::serve_with(std::function<core::Task<void>()> handle) {
  core::TaskGroup group(co_await core::asio::this_coro::executor, log_);
  std::exception_ptr failure;
  try {
    group.spawn("media reader", read());
    group.spawn("media goodbye", close_when_played());
    if (!introduced_ && !left_) {
      boost::system::error_code ignored;
      co_await introduction_.async_wait(core::asio::redirect_error(core::asio::use_awaitable, ignored));
    }
    if (introduced_) {
      co_await handle();
    } else {
      log_.info("a media connection ended without naming its call");
    }
  } catch (...) {
    failure = std::current_exception();
  }
  co_await core::asio::this_coro::reset_cancellation_state(core::asio::disable_cancellation());
  listener_ = nullptr;  // it has gone with `handle`
  leave();
  if (failure) group.cancel();
  co_await group.join();
  if (failure) std::rethrow_exception(failure);
}

void SocketTransport::introduced() {
  introduced_ = true;
  introduction_.cancel();
}

void SocketTransport::start(Listener& listener) {
  listener_ = &listener;
  // From the executor, since a transport never calls back from inside a call that is made on it.
  core::asio::post(introduction_.get_executor(), [this] {
    while (!early_.empty() && listener_ != nullptr) {
      const auto frame = early_.front();
      early_.pop_front();
      listener_->on_audio(frame);
    }
    if (left_) far_end_left(error_);
  });
}

void SocketTransport::deliver(const audio::AudioFrame& frame) {
  if (left_) return;
  if (listener_ != nullptr && early_.empty()) {
    listener_->on_audio(frame);
    return;
  }
  if (early_.size() >= early_frames) early_.pop_front();
  early_.push_back(frame);
}

void SocketTransport::deliver_digit(char digit) {
  if (listener_ != nullptr && !left_) listener_->on_digit(digit);
}

void SocketTransport::mark(std::uint64_t id) {
  if (left_ || marks_.size() >= max_marks) return;
  marks_.push_back({id, false});
  write_mark(id);
}

void SocketTransport::clear() {
  if (left_) return;
  for (auto& pending : marks_) pending.cleared = true;
  write_clear();
}

void SocketTransport::mark_reached(std::uint64_t id) {
  for (auto it = marks_.begin(); it != marks_.end(); ++it) {
    if (it->id != id) continue;
    const bool cleared = it->cleared;
    marks_.erase(it);
    if (id == last_mark) {
      leave();
    } else if (listener_ != nullptr && !left_) {
      listener_->on_mark(id, cleared);
    }
    return;
  }
}

void SocketTransport::hang_up() {
  if (hanging_up_) return;
  hanging_up_ = true;
  if (left_) return;
  marks_.push_back({last_mark, false});
  write_mark(last_mark);
  leaving_.expires_after(limits_.play_out);
}

void SocketTransport::leave() {
  leave_now_ = true;
  leaving_.cancel();
}

void SocketTransport::far_end_left(std::string_view error) {
  left_ = true;
  if (error_.empty()) error_ = error;
  introduction_.cancel();
  if (told_ || listener_ == nullptr) return;
  told_ = true;
  listener_->on_closed(error_);
}

void SocketTransport::bad_message(std::string_view why) {
  if (++bad_messages_ == 1) log_.warn("ignored a message of the far end: {}", why);
  if (bad_messages_ > bad_messages_allowed) socket_.close(1008);
}

bool SocketTransport::congested() const { return socket_.queued_bytes() > waiting_frames * frame_bytes_; }

}  // namespace retell::transports
