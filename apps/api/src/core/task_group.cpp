#include "core/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <list>

namespace retell::core {

struct TaskHandle::Entry {
  asio::cancellation_signal signal;
  bool finished = false;
  std::list<std::shared_ptr<Entry>>::iterator place;  // in the group's list: leaving it costs the same for any size
};

// Outlives the group while tasks remain, because their completion handlers refer to it.
struct TaskGroup::State {
  State(const Executor& executor, Logger logger) : log(std::move(logger)), empty(executor) {
    empty.expires_at(asio::steady_timer::time_point::max());
  }
  Logger log;
  std::list<std::shared_ptr<TaskHandle::Entry>> entries;
  asio::steady_timer empty;  // a condition: cancelled when the last task ends
  std::size_t failures = 0;
  bool cancelled = false;
};

void TaskHandle::cancel() {
  if (auto entry = entry_.lock(); entry && !entry->finished) entry->signal.emit(asio::cancellation_type::terminal);
}

bool TaskHandle::done() const {
  auto entry = entry_.lock();
  return !entry || entry->finished;
}

TaskGroup::TaskGroup(Executor executor, Logger log)
    : executor_(std::move(executor)), state_(std::make_shared<State>(executor_, std::move(log))) {}

TaskGroup::~TaskGroup() { cancel(); }

TaskHandle TaskGroup::spawn(const char* name, Task<void> task) {
  auto entry = std::make_shared<TaskHandle::Entry>();
  entry->place = state_->entries.insert(state_->entries.end(), entry);
  auto on_end = [state = state_, entry, name](const std::exception_ptr& error) {
    entry->finished = true;
    if (error && !is_cancellation(error)) {
      ++state->failures;
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& e) {
        state->log.error("task {} failed: {}", name, e.what());
      } catch (...) {
        state->log.error("task {} failed with an unknown exception", name);
      }
    }
    state->entries.erase(entry->place);
    if (state->entries.empty()) state->empty.cancel();
  };
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(entry->signal.slot(), std::move(on_end)));
  if (state_->cancelled) {
    // The coroutine has not begun; its first wait then ends at once.
    asio::post(executor_, [entry] {
      if (!entry->finished) entry->signal.emit(asio::cancellation_type::terminal);
    });
  }
  return TaskHandle(entry);
}

void TaskGroup::cancel() {
  state_->cancelled = true;
  // A cancelled task may end inside emit() and change the list.
  const auto entries = state_->entries;
  for (const auto& entry : entries) {
    if (!entry->finished) entry->signal.emit(asio::cancellation_type::terminal);
  }
}

Task<void> TaskGroup::join() {
  auto state = state_;
  while (!state->entries.empty()) {
    boost::system::error_code ignored;
    co_await state->empty.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none && !state->entries.empty()) {
      // The joiner itself was cancelled: its children must end before it may.
      for (const auto& entry : std::list(state->entries)) entry->signal.emit(asio::cancellation_type::terminal);
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
  }
}

std::size_t TaskGroup::size() const { return state_->entries.size(); }
std::size_t TaskGroup::failures() const { return state_->failures; }

bool is_cancellation(const std::exception_ptr& e) {
  try {
    std::rethrow_exception(e);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace retell::core
