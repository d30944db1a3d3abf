// Threads of the program. A Worker is one thread with its own io_context: a call, its sockets and its timers stay on
// one worker, so that code needs no locks. Blocking work and more than 1 ms of CPU go to the BlockingPool.
#pragma once
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/task.hpp"
#include "core/task_group.hpp"

namespace retell::core {

class Worker {
 public:
  explicit Worker(std::size_t index);
  ~Worker();  // stop() and join the thread
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start(const char* name = "worker");  // the thread's name is followed by the index
  // Cancels the background group, lets its tasks end (at most `grace`), then stops the loop and joins. Other threads.
  void stop(std::chrono::milliseconds grace = std::chrono::seconds(5));

  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  [[nodiscard]] asio::io_context& context() { return context_; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] bool on_this_thread() { return context_.get_executor().running_in_this_thread(); }

  // For tasks whose owner is gone (a vendor's closing handshake). Used on the worker's thread only.
  [[nodiscard]] TaskGroup& background() { return background_; }

  // How many calls live here or are expected here; any thread. New calls go to the least loaded worker.
  std::atomic<int> load{0};

 private:
  std::size_t index_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  TaskGroup background_;
  std::thread thread_;
};

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t count);
  void start();
  void stop();
  [[nodiscard]] std::size_t size() const { return workers_.size(); }
  [[nodiscard]] Worker& at(std::size_t index) { return *workers_.at(index); }
  [[nodiscard]] Worker& least_loaded();  // any thread

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

// Threads for SQLite, password hashing and files. run() resumes the caller on its own executor.
class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads) : pool_(threads) {}
  ~BlockingPool() { join(); }
  void join() { pool_.join(); }

  // `work` runs on a pool thread and must hold values, not references to the caller's frame that cancellation may
  // destroy. Its exception, if any, is rethrown here.
  template <class F>
  [[nodiscard]] Task<std::invoke_result_t<F>> run(F work) {
    co_return co_await asio::co_spawn(
        pool_, call(std::move(work)),
        // The caller's cancellation would be emitted on another thread than the work's: it waits instead.
        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  }

  // Fire and wait for nobody; for work that reports by other means.
  template <class F>
  void post(F work) {
    asio::post(pool_, std::move(work));
  }

 private:
  template <class F>
  static Task<std::invoke_result_t<F>> call(F work) {
    co_return work();
  }
  asio::thread_pool pool_;
};

}  // namespace retell::core
