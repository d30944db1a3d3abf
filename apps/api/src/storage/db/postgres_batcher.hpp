// Writes of several callers in one transaction, so that they wait for the disk once and not each by itself. While all
// leaders are at it, whatever comes waits and goes together with the next. Used on the database's own thread.
#pragma once
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <optional>
#include <vector>

#include "core/worker.hpp"
#include "storage/db/database.hpp"
#include "storage/db/postgres_pool.hpp"

namespace retell::storage {

class PostgresBatcher {
 public:
  PostgresBatcher(core::Worker& worker, PostgresPool& pool, std::chrono::milliseconds time)
      : worker_(worker), pool_(pool), time_(time) {}

  // Carried out with others; each statement's rows. Nothing when one of them spoiled it: then none was done, and this
  // is to be tried alone. Not to be cancelled.
  using Outcome = std::optional<PostgresResult<std::vector<Rows>>>;
  [[nodiscard]] core::Task<Outcome> run(const std::vector<Statement>& statements);

 private:
  struct Unit {
    Unit(core::asio::io_context& loop, const std::vector<Statement>& what)
        : statements(what), woken(loop, core::TimePoint::max()) {}
    const std::vector<Statement>& statements;
    core::asio::steady_timer woken;  // cancelled when there is an outcome, or it is this one's turn to lead
    bool done = false;
    Outcome outcome = {};
  };
  using Batch = std::vector<Unit*>;  // they live in their callers' frames

  [[nodiscard]] Batch take_batch();
  struct Carried {
    PostgresResult<std::vector<Rows>> result;
    bool by_one = false;  // one of the statements may be the cause of the error, and nothing was done
  };
  [[nodiscard]] core::Task<Carried> carry_out(const Batch& batch);
  static void settle(const Batch& batch, Carried carried);
  void pass_on();  // the lead, to the first that waits

  core::Worker& worker_;
  PostgresPool& pool_;
  std::chrono::milliseconds time_;
  std::deque<Unit*> queue_;
  int leaders_ = 0;
};

}  // namespace retell::storage
