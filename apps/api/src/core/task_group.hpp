// Structured concurrency: tasks live inside a group, and a group ends only when all of them have ended.
//
// A TaskGroup belongs to one executor that runs on one thread; every member function is called there. Owner's pattern:
//   TaskGroup group(executor, logger);  group.spawn("reader", read_loop());  ...  group.cancel();  co_await
//   group.join();
// A task that throws (other than by cancellation) is logged with its name and counted; it does not end the others.
#pragma once
#include <cstddef>
#include <exception>
#include <memory>
#include <string>

#include "core/log.hpp"
#include "core/task.hpp"

namespace retell::core {

// Refers to one spawned task; copyable, may outlive it.
class TaskHandle {
 public:
  TaskHandle() = default;
  void cancel();                    // terminal cancellation; returns at once, the task ends soon after
  [[nodiscard]] bool done() const;  // true also for a default-made handle

 private:
  friend class TaskGroup;
  struct Entry;
  explicit TaskHandle(std::weak_ptr<Entry> entry) : entry_(std::move(entry)) {}
  std::weak_ptr<Entry> entry_;
};

class TaskGroup {
 public:
  explicit TaskGroup(Executor executor, Logger log = {});
  // Cancels what still runs. The frames are destroyed as their operations end, so join first when a task refers to
  // something that the owner destroys.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task` by posting it; `name` (for logs) must be a literal or otherwise outlive the task.
  TaskHandle spawn(const char* name, Task<void> task);
  void cancel();                    // cancels every task; tasks spawned later start cancelled
  [[nodiscard]] Task<void> join();  // returns when no task is left; not itself cancelled by the group
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t failures() const;  // tasks that ended by an exception
  [[nodiscard]] const Executor& executor() const { return executor_; }

 private:
  struct State;
  Executor executor_;
  std::shared_ptr<State> state_;
};

// True when `e` is an operation that was cancelled (asio's operation_aborted).
[[nodiscard]] bool is_cancellation(const std::exception_ptr& e);

}  // namespace retell::core
