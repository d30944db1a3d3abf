#include "storage/stores/sign_in_attempt_store.hpp"

namespace retell::storage {

core::Task<core::Result<std::optional<std::int64_t>>> SignInAttemptStore::count(std::string subject,
                                                                                std::int64_t now_ms,
                                                                                std::chrono::milliseconds memory) {
  Statement statement;
  statement.sql =
      "INSERT INTO sign_in_attempts (subject, attempts, last_at, free_at) VALUES ($1, 1, $2, 0) ON CONFLICT (subject) "
      "DO UPDATE SET attempts = CASE WHEN sign_in_attempts.last_at < $3 THEN 1 ELSE sign_in_attempts.attempts + 1 END, "
      "last_at = excluded.last_at WHERE sign_in_attempts.free_at <= $2 RETURNING attempts";
  statement.params = {std::move(subject), now_ms, now_ms - memory.count()};
  statement.aside = true;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::optional<std::int64_t> attempts;
  if (!rows->empty()) attempts = rows->front().integer(0);
  co_return attempts;
}

core::Task<core::Result<bool>> SignInAttemptStore::lock(std::string subject, std::int64_t now_ms,
                                                        std::int64_t until_ms) {
  Statement statement;
  statement.sql = "UPDATE sign_in_attempts SET free_at = $3 WHERE subject = $1 AND free_at <= $2 RETURNING subject";
  statement.params = {std::move(subject), now_ms, until_ms};
  statement.aside = true;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<std::int64_t>> SignInAttemptStore::free_at(std::string subject) {
  Statement statement;
  statement.sql = "SELECT free_at FROM sign_in_attempts WHERE subject = $1";
  statement.params = {std::move(subject)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return rows->empty() ? 0 : rows->front().integer(0);
}

core::Task<core::Result<>> SignInAttemptStore::forgive(std::string subject) {
  Statement statement;
  statement.sql = "UPDATE sign_in_attempts SET attempts = attempts - 1 WHERE subject = $1 AND attempts > 0";
  statement.params = {std::move(subject)};
  statement.aside = true;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> SignInAttemptStore::forget(std::string subject) {
  Statement statement;
  statement.sql = "DELETE FROM sign_in_attempts WHERE subject = $1";
  statement.params = {std::move(subject)};
  statement.aside = true;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> SignInAttemptStore::sweep(std::int64_t quiet_since_ms) {
  Statement statement;
  statement.sql = "DELETE FROM sign_in_attempts WHERE last_at < $1 AND free_at < $1";
  statement.params = {quiet_since_ms};
  statement.aside = true;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

}  // namespace retell::storage
