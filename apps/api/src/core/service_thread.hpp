// A thread of its own for a part of the program that talks to one outside service. Tasks of any thread run there, and
// their callers resume where they were.
#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "core/race.hpp"
#include "core/worker.hpp"

namespace retell::core {

class ServiceThread {
 public:
  explicit ServiceThread(const char* name) : worker_(0), stopping_(worker_.context()) {
    stopping_.expires_at(TimePoint::max());
    worker_.start(name);
  }
  ~ServiceThread() { stop(); }
  ServiceThread(const ServiceThread&) = delete;
  ServiceThread& operator=(const ServiceThread&) = delete;

  [[nodiscard]] Worker& worker() { return worker_; }

  // Runs `task` on the thread. A caller that is cancelled still waits for it: cancellation would have to cross threads.
  // Throws operation_aborted when the thread is stopped meanwhile.
  template <class T>
  [[nodiscard]] Task<T> run(Task<T> task) {
    co_return co_await asio::co_spawn(worker_.executor(), inside(std::move(task)),
                                      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  }

  // Starts a task that lives as long as the thread. Any thread.
  void start(const char* name, std::function<Task<void>()> make) {
    asio::post(worker_.context(), [this, name, make = std::move(make)] { worker_.background().spawn(name, make()); });
  }

  // Cancels what runs, waits for its end, and ends the thread. From another thread; again is fine.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    auto idle = std::make_shared<std::promise<void>>();
    auto ended = idle->get_future();
    asio::post(worker_.context(), [this, idle] {
      idle_ = idle;
      stopping_.expires_at(TimePoint::min());  // also for those who come from now on
      if (running_ == 0) std::exchange(idle_, nullptr)->set_value();
    });
    constexpr std::chrono::seconds grace{10};  // files being read; all else ends at once
    ended.wait_for(grace);
    worker_.stop();
  }

 private:
  struct Counted {
    explicit Counted(ServiceThread& owner) : thread(owner) { ++thread.running_; }
    ~Counted() {
      if (--thread.running_ == 0 && thread.idle_) std::exchange(thread.idle_, nullptr)->set_value();
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ServiceThread& thread;
  };

  template <class T>
  Task<T> inside(Task<T> task) {
    const Counted counted(*this);
    std::optional<T> value;
    auto work = [](Task<T> inner, std::optional<T>& out) -> Task<void> { out.emplace(co_await std::move(inner)); };
    auto until_stopped = [](asio::steady_timer& stopping) -> Task<void> {
      (void)co_await stopping.async_wait(asio::as_tuple(asio::use_awaitable));
    };
    co_await race(work(std::move(task), value), until_stopped(stopping_));
    if (!value) throw boost::system::system_error(asio::error::operation_aborted);
    co_return std::move(*value);
  }

  Worker worker_;
  asio::steady_timer stopping_;  // runs out when the thread is stopped
  int running_ = 0;
  std::shared_ptr<std::promise<void>> idle_;
  bool stopped_ = false;
};

}  // namespace retell::core
