// The connections to one PostgreSQL: lent one caller at a time, opened when they are missed, replaced when they die.
// Lives on one thread.
#pragma once
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/log.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"
#include "storage/db/postgres_connection.hpp"

namespace retell::storage {

struct PostgresPoolOptions {
  std::size_t most = 16;                             // connections
  std::chrono::milliseconds wait{5'000};             // for a connection, over an outage
  std::chrono::milliseconds connect_timeout{5'000};  // of one attempt
  std::chrono::milliseconds statement_timeout{15'000};
};

class PostgresPool {
 public:
  PostgresPool(core::Worker& worker, PostgresParameters parameters, PostgresPoolOptions options, core::Logger log);

  using Lent = std::unique_ptr<PostgresConnection>;
  // The freshest idle connection, or one that comes free or is opened within `wait`. Errors: unavailable, and what no
  // waiting mends (a wrong password) at once.
  [[nodiscard]] core::Task<PostgresResult<Lent>> take();
  // Every connection taken comes back here. One that is not usable is closed and makes room.
  void give(Lent connection);

  // Looks after deadlines and long idle connections until cancelled.
  [[nodiscard]] core::Task<void> tend();
  // Takes no more; resumes when everything lent has come back.
  [[nodiscard]] core::Task<void> close();

  [[nodiscard]] std::size_t open() const { return open_; }
  [[nodiscard]] std::size_t idle() const { return idle_.size(); }

 private:
  struct Waiter {
    explicit Waiter(core::asio::io_context& loop) : called(loop) {}
    core::asio::steady_timer called;  // cancelled when there is something to see
    Lent given;
    std::optional<PostgresError> refused;
  };
  struct Idle {
    Lent connection;
    core::TimePoint since;
  };
  void grow();  // opens a connection unless enough are being opened for those who wait
  [[nodiscard]] core::Task<void> connect();
  void drop(Lent connection);
  void failed(const PostgresError& error);

  core::Worker& worker_;
  PostgresParameters parameters_;
  PostgresPoolOptions options_;
  core::Logger log_;

  std::vector<Idle> idle_;                           // the freshest last
  std::list<Waiter*> waiting_;                       // first come, first served
  std::unordered_set<PostgresConnection*> watched_;  // all there are, lent or being opened
  std::size_t open_ = 0;                             // lent, idle and being opened
  std::size_t connecting_ = 0;
  int failures_ = 0;  // attempts in a row
  std::optional<PostgresError> last_failure_;
  core::asio::steady_timer all_back_;
  bool closing_ = false;
};

// Gives the connection back, whatever happens to who borrowed it.
class PostgresBorrowed {
 public:
  PostgresBorrowed(PostgresPool& pool, PostgresPool::Lent connection)
      : pool_(pool), connection_(std::move(connection)) {}
  ~PostgresBorrowed() { pool_.give(std::move(connection_)); }
  PostgresBorrowed(const PostgresBorrowed&) = delete;
  PostgresBorrowed& operator=(const PostgresBorrowed&) = delete;
  [[nodiscard]] PostgresConnection& operator*() const { return *connection_; }

 private:
  PostgresPool& pool_;
  PostgresPool::Lent connection_;
};

}  // namespace retell::storage
