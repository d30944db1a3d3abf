#include "storage/stores/job_store.hpp"

#include <algorithm>

namespace retell::storage {

core::Task<core::Result<bool>> JobStore::change(Statement statement) {
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

Statement JobStore::insert(const Job& job, std::int64_t run_at_ms) {
  Statement statement;
  statement.sql =
      "INSERT INTO jobs (id, organization_id, kind, payload, state, attempts, run_at, lease_until, created_at, "
      "subject) "
      "VALUES ($1, $2, $3, $4, 'waiting', 0, $5, 0, $6, $7) ON CONFLICT (id) DO NOTHING";
  statement.params = {job.id, job.organization_id, job.kind, job.payload, run_at_ms, job.created_at, job.subject};
  statement.shares = true;
  return statement;
}

core::Task<core::Result<>> JobStore::add(Job job, std::int64_t run_at_ms) {
  const auto rows = co_await database_.execute(insert(job, run_at_ms));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::vector<Job>>> JobStore::lease(std::int64_t now_ms, std::chrono::milliseconds lease,
                                                           int count, std::vector<std::string> kinds) {
  if (kinds.empty()) co_return std::vector<Job>();
  Statement statement;
  statement.params = {now_ms, now_ms + lease.count(), count};
  std::string known;
  for (auto& kind : kinds) {
    statement.params.emplace_back(std::move(kind));
    known += (known.empty() ? "$" : ", $") + std::to_string(statement.params.size());
  }
  // PostgreSQL's runners step over the rows that another is just taking; SQLite has one writer at a time anyway.
  statement.sql =
      "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2 WHERE id IN (SELECT id FROM jobs "
      "WHERE ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until <= $1)) AND kind IN (" +
      known + ") ORDER BY run_at, id LIMIT $3" +
      std::string(database_.dialect() == Dialect::postgres ? " FOR UPDATE SKIP LOCKED" : "") +
      ") RETURNING id, organization_id, kind, payload, attempts, created_at, subject, run_at";
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  // RETURNING promises no order.
  auto sorted = *rows;
  std::sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) {
    return std::pair(a.integer(7), a.text(0)) < std::pair(b.integer(7), b.text(0));
  });
  std::vector<Job> jobs;
  jobs.reserve(sorted.size());
  for (const auto& row : sorted) {
    jobs.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4), row.integer(5), row.text(6)});
  }
  co_return jobs;
}

// The number of the attempt tells one lease from the next.
core::Task<core::Result<bool>> JobStore::extend(Job job, std::int64_t until_ms) {
  co_return co_await change(
      {"UPDATE jobs SET lease_until = $3 WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING id",
       {std::move(job.id), job.attempts, until_ms}});
}

core::Task<core::Result<bool>> JobStore::done(Job job) {
  co_return co_await change({"DELETE FROM jobs WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING id",
                             {std::move(job.id), job.attempts}});
}

core::Task<core::Result<bool>> JobStore::retry(Job job, std::int64_t run_at_ms, std::string error) {
  co_return co_await change(
      {"UPDATE jobs SET state = 'waiting', run_at = $3, last_error = $4 WHERE id = $1 AND attempts = $2 AND state = "
       "'running' RETURNING id",
       {std::move(job.id), job.attempts, run_at_ms, std::move(error)}});
}

core::Task<core::Result<bool>> JobStore::repeat(Job job, std::int64_t run_at_ms) {
  co_return co_await change(
      {"UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $3, last_error = '' WHERE id = $1 AND attempts = $2 "
       "AND state = 'running' RETURNING id",
       {std::move(job.id), job.attempts, run_at_ms}});
}

core::Task<core::Result<bool>> JobStore::bury(Job job, std::string error) {
  co_return co_await change(
      {"UPDATE jobs SET state = 'dead', last_error = $3 WHERE id = $1 AND attempts = $2 AND state = 'running' "
       "RETURNING "
       "id",
       {std::move(job.id), job.attempts, std::move(error)}});
}

core::Task<core::Result<std::int64_t>> JobStore::count(std::string state) {
  const auto rows = co_await database_.query({"SELECT COUNT(*) FROM jobs WHERE state = $1", {std::move(state)}});
  if (!rows) co_return tl::unexpected(rows.error());
  co_return rows->front().integer(0);
}

core::Task<core::Result<std::vector<JobState>>> JobStore::list(std::optional<std::string> organization_id,
                                                               JobQuery query) {
  Statement statement;
  statement.sql =
      "SELECT id, organization_id, kind, payload, attempts, created_at, subject, state, run_at, lease_until, "
      "last_error FROM jobs";
  const auto also = [&](const char* condition, Param value) {
    statement.sql += statement.params.empty() ? " WHERE " : " AND ";
    statement.params.push_back(std::move(value));
    statement.sql += std::string(condition) + " $" + std::to_string(statement.params.size());
  };
  if (organization_id) also("organization_id =", std::move(*organization_id));
  if (!query.state.empty()) also("state =", std::move(query.state));
  if (!query.kind.empty()) also("kind =", std::move(query.kind));
  if (!query.after.empty()) also("id >", std::move(query.after));
  statement.params.emplace_back(query.limit);
  statement.sql += " ORDER BY id LIMIT $" + std::to_string(statement.params.size());
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<JobState> states;
  for (const auto& row : *rows) {
    states.push_back({{row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4), row.integer(5), row.text(6)},
                      row.text(7),
                      row.integer(8),
                      row.integer(9),
                      row.text(10)});
  }
  co_return states;
}

core::Task<core::Result<bool>> JobStore::revive(std::optional<std::string> organization_id, std::string id,
                                                std::int64_t now_ms) {
  Statement statement;
  statement.sql = "UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $2 WHERE id = $1 AND state = 'dead'";
  statement.params = {std::move(id), now_ms};
  if (organization_id) {
    statement.sql += " AND organization_id = $3";
    statement.params.emplace_back(std::move(*organization_id));
  }
  statement.sql += " RETURNING id";
  co_return co_await change(std::move(statement));
}

Statement JobStore::forget(const std::string& id) { return {"DELETE FROM jobs WHERE id = $1", {id}}; }

Statement JobStore::forget_subject(const std::string& organization_id, const std::string& subject) {
  return {"DELETE FROM jobs WHERE organization_id = $1 AND subject = $2 AND subject <> ''", {organization_id, subject}};
}

core::Task<core::Result<std::int64_t>> JobStore::forget_dead(std::int64_t created_before_ms) {
  const auto rows = co_await database_.execute(
      {"DELETE FROM jobs WHERE state = 'dead' AND created_at < $1 RETURNING id", {created_before_ms}});
  if (!rows) co_return tl::unexpected(rows.error());
  co_return static_cast<std::int64_t>(rows->size());
}

}  // namespace retell::storage
