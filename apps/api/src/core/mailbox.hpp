// A bounded queue between coroutines of one thread: many pushers, one popper. What happens when it is full is named.
#pragma once
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "core/task.hpp"

namespace retell::core {

enum class Overflow : std::uint8_t {
  drop_oldest,  // audio: late sound is worse than lost sound
  reject,       // push gives false, the pusher decides
};

template <class T>
class Mailbox {
 public:
  Mailbox(const Executor& executor, std::size_t capacity, Overflow overflow)
      : capacity_(capacity), overflow_(overflow), ready_(executor) {
    ready_.expires_at(asio::steady_timer::time_point::max());
  }

  // False when the mailbox is closed, or full under Overflow::reject.
  bool push(T value) {
    if (closed_) return false;
    if (queue_.size() >= capacity_) {
      if (overflow_ == Overflow::reject) return false;
      queue_.pop_front();
      ++dropped_;
    }
    queue_.push_back(std::move(value));
    ready_.cancel();
    return true;
  }

  // Waits for a value; nothing once the mailbox is closed and drained. Cancellation throws operation_aborted.
  [[nodiscard]] Task<std::optional<T>> pop() {
    while (queue_.empty()) {
      if (closed_) co_return std::nullopt;
      boost::system::error_code ignored;
      co_await ready_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    std::optional<T> value(std::move(queue_.front()));
    queue_.pop_front();
    co_return value;
  }

  // Waits until there is something to take (true), or it is closed and drained (false); for batch consumers.
  [[nodiscard]] Task<bool> wait() {
    while (queue_.empty()) {
      if (closed_) co_return false;
      boost::system::error_code ignored;
      co_await ready_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return true;
  }

  [[nodiscard]] std::optional<T> try_pop() {
    if (queue_.empty()) return std::nullopt;
    std::optional<T> value(std::move(queue_.front()));
    queue_.pop_front();
    return value;
  }

  // No more pushes; what is queued can still be taken.
  void close() {
    closed_ = true;
    ready_.cancel();
  }
  void clear() { queue_.clear(); }

  [[nodiscard]] std::size_t size() const { return queue_.size(); }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

 private:
  std::size_t capacity_;
  Overflow overflow_;
  std::deque<T> queue_;
  asio::steady_timer ready_;  // a condition: cancelled on push and close
  std::size_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace retell::core
