#include "storage/db/postgres_batcher.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iterator>

namespace retell::storage {
namespace {

// One is at the disk while the next fills up; more would make the batches small.
constexpr int most_leaders = 4;
constexpr std::size_t most_statements = 128;  // in one transaction

PostgresError given_up() {
  return {{core::ErrorCode::unavailable, "database: the write was given up"}, "", true, true};
}

}  // namespace

PostgresBatcher::Batch PostgresBatcher::take_batch() {
  Batch batch;
  std::size_t statements = 0;
  while (!queue_.empty() && (batch.empty() || statements + queue_.front()->statements.size() <= most_statements)) {
    statements += queue_.front()->statements.size();
    batch.push_back(queue_.front());
    queue_.pop_front();
  }
  return batch;
}

core::Task<PostgresBatcher::Carried> PostgresBatcher::carry_out(const Batch& batch) {
  std::vector<const Statement*> all;
  for (const auto* unit : batch) {
    for (const auto& statement : unit->statements) all.push_back(&statement);
  }
  auto taken = co_await pool_.take();
  if (!taken) co_return Carried{tl::unexpected(taken.error()), false};
  const PostgresBorrowed connection(pool_, std::move(*taken));
  auto rows = co_await (*connection).commit(all, std::chrono::steady_clock::now() + time_);
  const bool in_doubt = !rows && rows.error().in_doubt;
  co_return Carried{std::move(rows), !in_doubt};
}

void PostgresBatcher::settle(const Batch& batch, Carried carried) {
  auto& result = carried.result;
  const bool spoiled = carried.by_one && batch.size() > 1;
  std::size_t at = 0;
  for (auto* unit : batch) {
    unit->done = true;
    if (result) {
      const auto begin = std::next(result->begin(), static_cast<std::ptrdiff_t>(at));
      const auto end = std::next(begin, static_cast<std::ptrdiff_t>(unit->statements.size()));
      unit->outcome.emplace(std::vector<Rows>(std::make_move_iterator(begin), std::make_move_iterator(end)));
      at += unit->statements.size();
    } else if (!spoiled) {
      unit->outcome.emplace(tl::unexpected(result.error()));
    }
    unit->woken.cancel();
  }
}

void PostgresBatcher::pass_on() {
  if (queue_.empty())
    --leaders_;
  else
    queue_.front()->woken.cancel();
}

core::Task<PostgresBatcher::Outcome> PostgresBatcher::run(const std::vector<Statement>& statements) {
  Unit unit(worker_.context(), statements);
  queue_.push_back(&unit);
  if (leaders_ == most_leaders) {
    boost::system::error_code ignored;
    co_await unit.woken.async_wait(core::asio::redirect_error(core::asio::use_awaitable, ignored));
    if (unit.done) co_return std::move(unit.outcome);
  } else {
    ++leaders_;
  }
  const auto batch = take_batch();  // this one's first
  std::exception_ptr thrown;
  try {
    settle(batch, co_await carry_out(batch));
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) settle(batch, {tl::unexpected(given_up()), false});
  pass_on();
  if (thrown) std::rethrow_exception(thrown);
  co_return std::move(unit.outcome);
}

}  // namespace retell::storage
