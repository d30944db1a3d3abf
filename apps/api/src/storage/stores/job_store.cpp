#include "storage/stores/job_store.hpp"

#include <algorithm>

namespace retell::storage {

core::Task<core::Result<>> JobStore::change(Statement statement) {
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> JobStore::add(Job job, std::int64_t run_at_ms) {
  Statement statement;
  statement.sql =
      "INSERT INTO jobs (id, organization_id, kind, payload, state, attempts, run_at, lease_until, created_at) VALUES "
      "($1, $2, $3, $4, 'waiting', 0, $5, 0, $6)";
  statement.params = {job.id, job.organization_id, job.kind, job.payload, run_at_ms, job.created_at};
  co_return co_await change(std::move(statement));
}

core::Task<core::Result<std::vector<Job>>> JobStore::lease(std::int64_t now_ms, std::chrono::milliseconds lease,
                                                           int count) {
  Statement statement;
  statement.sql =
      "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2 WHERE id IN (SELECT id FROM jobs "
      "WHERE (state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until <= $1) ORDER BY run_at, "
      "id LIMIT $3) RETURNING id, organization_id, kind, payload, attempts, created_at, run_at";
  statement.params = {now_ms, now_ms + lease.count(), count};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  // RETURNING promises no order.
  auto sorted = *rows;
  std::sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) {
    return std::pair(a.integer(6), a.text(0)) < std::pair(b.integer(6), b.text(0));
  });
  std::vector<Job> jobs;
  jobs.reserve(sorted.size());
  for (const auto& row : sorted) {
    jobs.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4), row.integer(5)});
  }
  co_return jobs;
}

core::Task<core::Result<>> JobStore::done(std::string id) {
  Statement statement;
  statement.sql = "DELETE FROM jobs WHERE id = $1";
  statement.params = {std::move(id)};
  co_return co_await change(std::move(statement));
}

core::Task<core::Result<>> JobStore::retry(std::string id, std::int64_t run_at_ms, std::string error) {
  Statement statement;
  statement.sql = "UPDATE jobs SET state = 'waiting', run_at = $2, last_error = $3 WHERE id = $1";
  statement.params = {std::move(id), run_at_ms, std::move(error)};
  co_return co_await change(std::move(statement));
}

core::Task<core::Result<>> JobStore::bury(std::string id, std::string error) {
  Statement statement;
  statement.sql = "UPDATE jobs SET state = 'dead', last_error = $2 WHERE id = $1";
  statement.params = {std::move(id), std::move(error)};
  co_return co_await change(std::move(statement));
}

core::Task<core::Result<std::int64_t>> JobStore::count(std::string state) {
  Statement statement;
  statement.sql = "SELECT COUNT(*) FROM jobs WHERE state = $1";
  statement.params = {std::move(state)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return rows->front().integer(0);
}

}  // namespace retell::storage
