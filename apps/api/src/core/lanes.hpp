// Work that must be done in order for one key and may be done at the same time for several: of a call, of a tenant. Of
// one thread: every member function is called on the executor.
#pragma once
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/log.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"

namespace retell::core {

template <class T>
class Lanes {
 public:
  using Work = std::function<Task<void>(std::string key, T value)>;
  // How a value joins those of its key that still wait; the one that is being worked on is not among them.
  using Join = std::function<void(std::deque<T>& waiting, T value)>;

  Lanes(Executor executor, std::size_t at_once, Work work, Join join, Logger log)
      : executor_(std::move(executor)),
        at_once_(at_once),
        work_(std::move(work)),
        join_(std::move(join)),
        log_(std::move(log)),
        changed_(executor_) {
    changed_.expires_at(asio::steady_timer::time_point::max());
  }

  // False once it is closed.
  bool push(const std::string& key, T value) {
    if (closed_) return false;
    auto [lane, fresh] = lanes_.try_emplace(key);
    join_(lane->second, std::move(value));
    if (fresh) {
      turns_.push_back(key);
      changed_.cancel();
    }
    return true;
  }

  // Takes no more; run() ends when all that was taken is done.
  void close() {
    closed_ = true;
    changed_.cancel();
  }

  // What `work` throws is logged, and its key goes on with the next.
  [[nodiscard]] Task<void> run() {
    TaskGroup group(executor_, log_);
    for (;;) {
      while (!turns_.empty() && working_ < at_once_) {
        ++working_;
        group.spawn("lane", follow(next()));
      }
      if (closed_ && lanes_.empty()) break;  // looked at last: what need not wait may be done already
      boost::system::error_code ignored;
      co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_await group.join();
  }

  [[nodiscard]] std::size_t size() const { return lanes_.size(); }  // keys with something to do
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  std::string next() {
    auto key = std::move(turns_.front());
    turns_.pop_front();
    return key;
  }

  Task<void> follow(std::string key) {
    for (;;) {
      auto value = std::move(lanes_.at(key).front());
      lanes_.at(key).pop_front();
      try {
        co_await work_(key, std::move(value));
      } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) throw;
        log_.error("the work for {} threw: {}", key, error.what());
      } catch (const std::exception& error) {
        log_.error("the work for {} threw: {}", key, error.what());
      }
      // One value at a time, so that a busy key does not keep the others from their turn.
      if (lanes_.at(key).empty())
        lanes_.erase(key);
      else
        turns_.push_back(std::move(key));
      if (turns_.empty()) break;
      key = next();
    }
    --working_;
    changed_.cancel();
  }

  Executor executor_;
  std::size_t at_once_;
  Work work_;
  Join join_;
  Logger log_;
  asio::steady_timer changed_;  // a condition
  std::unordered_map<std::string, std::deque<T>> lanes_;
  std::deque<std::string> turns_;  // keys that nobody works for
  std::size_t working_ = 0;
  bool closed_ = false;
};

}  // namespace retell::core
