#include "storage/db/postgres_pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <random>

#include "core/race.hpp"

namespace retell::storage {
namespace {

using namespace std::chrono_literals;
namespace asio = core::asio;
using core::ErrorCode;

constexpr auto beat = 100ms;             // how exactly deadlines are kept
constexpr auto longest_idle = 10min;     // then a connection is given back to the server
constexpr auto first_pause = 50ms;       // between attempts to connect; doubles
constexpr auto longest_pause = 2'000ms;  // with jitter a restarted server is found within three seconds

core::TimePoint now() { return std::chrono::steady_clock::now(); }

std::chrono::milliseconds pause_after(int failures) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto most = std::min<std::chrono::milliseconds>(longest_pause, first_pause * (1 << std::min(failures - 1, 8)));
  std::uniform_int_distribution<std::int64_t> spread(most.count() / 2, most.count());
  return std::chrono::milliseconds(spread(random));
}

}  // namespace

PostgresPool::PostgresPool(core::Worker& worker, PostgresParameters parameters, PostgresPoolOptions options,
                           core::Logger log)
    : worker_(worker),
      parameters_(std::move(parameters)),
      options_(options),
      log_(std::move(log)),
      all_back_(worker.context()) {
  all_back_.expires_at(core::TimePoint::max());
}

core::Task<PostgresResult<PostgresPool::Lent>> PostgresPool::take() {
  while (!closing_ && !idle_.empty() && waiting_.empty()) {
    auto connection = std::move(idle_.back().connection);
    idle_.pop_back();
    if (connection->usable()) co_return connection;
    drop(std::move(connection));
  }
  if (closing_) co_return tl::unexpected(PostgresError{{ErrorCode::unavailable, "the database is closed"}, "", false});

  Waiter waiter(worker_.context());
  waiter.called.expires_after(options_.wait);
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  grow();
  (void)co_await waiter.called.async_wait(asio::as_tuple(asio::use_awaitable));
  waiting_.erase(place);
  if (waiter.given) co_return std::move(waiter.given);
  if (waiter.refused) co_return tl::unexpected(std::move(*waiter.refused));
  if (failures_ > 0 && last_failure_) {
    co_return tl::unexpected(PostgresError{{ErrorCode::unavailable, last_failure_->error.message}, "", false});
  }
  co_return tl::unexpected(PostgresError{
      {ErrorCode::unavailable, "database: all " + std::to_string(open_) + " connections are busy"}, "", false});
}

void PostgresPool::give(Lent connection) {
  if (closing_ || !connection->usable()) {
    drop(std::move(connection));
    return;
  }
  // Handed over, not put down: whoever came first is served first.
  for (auto* waiter : waiting_) {
    if (waiter->given || waiter->refused) continue;
    waiter->given = std::move(connection);
    waiter->called.cancel();
    return;
  }
  idle_.push_back({std::move(connection), now()});
}

void PostgresPool::drop(Lent connection) {
  watched_.erase(connection.get());
  connection.reset();
  --open_;
  grow();
  if (closing_ && open_ == 0) all_back_.cancel();
}

void PostgresPool::grow() {
  if (closing_) return;
  const auto unserved = static_cast<std::size_t>(std::count_if(
      waiting_.begin(), waiting_.end(), [](const auto* waiter) { return !waiter->given && !waiter->refused; }));
  // While the server cannot be reached one attempt at a time is enough.
  const auto wanted = failures_ > 0 ? std::min<std::size_t>(unserved, 1) : unserved;
  while (connecting_ < wanted && open_ < options_.most) {
    ++open_;
    ++connecting_;
    worker_.background().spawn("database connection", connect());
  }
}

core::Task<void> PostgresPool::connect() {
  if (failures_ > 0) co_await core::sleep_for(pause_after(failures_));
  auto connection = std::make_unique<PostgresConnection>(worker_.context(), now() + options_.connect_timeout);
  watched_.insert(connection.get());
  const auto connected = co_await connection->connect(parameters_, options_.statement_timeout);
  --connecting_;
  if (!connected) failed(connected.error());
  if (connected && failures_ > 0) {
    log_.info("the database {} answers again after {} attempts", postgres_place(parameters_), failures_);
    failures_ = 0;
  }
  give(std::move(connection));
  grow();
}

void PostgresPool::failed(const PostgresError& error) {
  if (failures_++ == 0) log_.warn("{}: {}", postgres_place(parameters_), error.error.message);
  last_failure_ = error;
  if (!is_hopeless(error)) return;
  for (auto* waiter : waiting_) {
    if (waiter->given || waiter->refused) continue;
    waiter->refused = error;
    waiter->called.cancel();
  }
}

core::Task<void> PostgresPool::tend() {
  for (;;) {
    co_await core::sleep_for(beat);
    const auto time = now();
    for (auto* connection : watched_) connection->expire(time);
    // The front is the one that rested longest.
    while (!idle_.empty() && time - idle_.front().since > longest_idle) {
      auto connection = std::move(idle_.front().connection);
      idle_.erase(idle_.begin());
      drop(std::move(connection));
    }
  }
}

core::Task<void> PostgresPool::close() {
  closing_ = true;
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back().connection);
    idle_.pop_back();
    drop(std::move(connection));
  }
  for (auto* waiter : waiting_) waiter->called.cancel();
  if (open_ > 0) (void)co_await all_back_.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace retell::storage
