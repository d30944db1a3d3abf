// On whose behalf a task works: a value that goes with it and with all that it awaits on its own executor, for what
// lies far below and is nobody's business in between (the audit log's entry of a request, and the transaction that
// writes it).
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <type_traits>
#include <utility>

#include "core/task.hpp"

namespace retell::core {

class Errand {
 public:
  virtual ~Errand() = default;
};

// An executor like another, which knows the errand.
class ErrandExecutor {
 public:
  ErrandExecutor(Executor inner, std::shared_ptr<Errand> errand) noexcept
      : inner_(std::move(inner)), errand_(std::move(errand)) {}
  [[nodiscard]] const std::shared_ptr<Errand>& errand() const { return errand_; }

  // What Asio asks of executors.
  template <class Property>
    requires(asio::can_query<const Executor&, Property>::value)
  decltype(auto) query(const Property& property) const {
    return asio::query(inner_, property);
  }
  template <class Property>
    requires(asio::can_require<const Executor&, Property>::value)
  ErrandExecutor require(const Property& property) const {
    return {asio::require(inner_, property), errand_};
  }
  template <class Property>
    requires(asio::can_prefer<const Executor&, Property>::value)
  ErrandExecutor prefer(const Property& property) const {
    return {asio::prefer(inner_, property), errand_};
  }
  template <class Function>
  void execute(Function&& function) const {
    inner_.execute(std::forward<Function>(function));
  }
  friend bool operator==(const ErrandExecutor& left, const ErrandExecutor& right) noexcept {
    return left.inner_ == right.inner_ && left.errand_ == right.errand_;
  }

 private:
  Executor inner_;
  std::shared_ptr<Errand> errand_;
};

// Runs `task` on this errand, where the caller runs.
template <class T>
[[nodiscard]] Task<T> on_errand(std::shared_ptr<Errand> errand, Task<T> task) {
  const Executor here = co_await asio::this_coro::executor;
  co_return co_await asio::co_spawn(Executor(ErrandExecutor(here, std::move(errand))), std::move(task),
                                    asio::use_awaitable);
}

// The errand of the task that asks; null when it is on none of this kind.
template <class Kind>
[[nodiscard]] Task<std::shared_ptr<Kind>> current_errand() {
  const Executor here = co_await asio::this_coro::executor;
  const auto* known = here.target<ErrandExecutor>();
  if (known == nullptr) co_return nullptr;
  co_return std::dynamic_pointer_cast<Kind>(known->errand());
}

}  // namespace retell::core
