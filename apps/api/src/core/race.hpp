// First to end wins. Unlike awaitable_operators' ||, an error also ends the race, and the loser is always awaited.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::core {

[[nodiscard]] inline Task<void> sleep_for(std::chrono::nanoseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(duration));
  co_await timer.async_wait(asio::use_awaitable);
}

// Runs both; the first to end (value or exception) cancels the other, and both have ended on return.
// Gives 0 or 1, the index of the winner; rethrows the winner's exception.
[[nodiscard]] inline Task<std::size_t> race(Task<void> first, Task<void> second) {
  const auto executor = co_await asio::this_coro::executor;
  const auto [order, error0, error1] =
      co_await asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(first), asio::deferred),
                                                       asio::co_spawn(executor, std::move(second), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const auto winner = order[0];
  if (const auto& error = winner == 0 ? error0 : error1) std::rethrow_exception(error);
  co_return winner;
}

// Gives `task`'s value, or ErrorCode::timeout once `limit` has passed and the task has been cancelled and has ended.
// Keeps a value that arrives in the same instant as the deadline. `what` names the work in the message.
template <class T>
[[nodiscard]] Task<Result<T>> with_timeout(Task<T> task, std::chrono::nanoseconds limit, const char* what) {
  std::optional<Result<T>> value;
  auto run = [](Task<T> inner, std::optional<Result<T>>& out) -> Task<void> {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(inner);
      out.emplace();
    } else {
      out.emplace(co_await std::move(inner));
    }
  };
  co_await race(run(std::move(task), value), sleep_for(limit));
  if (value) co_return std::move(*value);
  co_return fail(ErrorCode::timeout, std::string(what) + " took longer than " +
                                         std::to_string(std::chrono::duration_cast<Millis>(limit).count()) + " ms");
}

// The same for a task that already gives a Result.
template <class T>
[[nodiscard]] Task<Result<T>> with_timeout(Task<Result<T>> task, std::chrono::nanoseconds limit, const char* what) {
  std::optional<Result<T>> value;
  auto run = [](Task<Result<T>> inner, std::optional<Result<T>>& out) -> Task<void> {
    out.emplace(co_await std::move(inner));
  };
  co_await race(run(std::move(task), value), sleep_for(limit));
  if (value) co_return std::move(*value);
  co_return fail(ErrorCode::timeout, std::string(what) + " took longer than " +
                                         std::to_string(std::chrono::duration_cast<Millis>(limit).count()) + " ms");
}

}  // namespace retell::core
