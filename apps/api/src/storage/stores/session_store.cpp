#include "storage/stores/session_store.hpp"

namespace retell::storage {
namespace {

constexpr auto columns = "id, user_id, address, user_agent, created_at, last_used_at, expires_at, revoked_at";

Session to_session(const Row& row) {
  return {row.text(0),    row.text(1),    row.text(2),    row.text(3),
          row.integer(4), row.integer(5), row.integer(6), row.maybe_integer(7)};
}

Statement insert_token(const std::string& hash, const std::string& session_id, std::int64_t now_ms) {
  Statement statement;
  statement.sql = "INSERT INTO refresh_tokens (token_hash, session_id, created_at) VALUES ($1, $2, $3)";
  statement.params = {hash, session_id, now_ms};
  return statement;
}

core::Result<> nothing(const core::Result<std::vector<Rows>>& done) {
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace

core::Task<core::Result<>> SessionStore::begin(Session session, std::string token_hash, std::vector<Statement> more) {
  Statement insert;
  insert.sql =
      "INSERT INTO sessions (id, user_id, address, user_agent, created_at, last_used_at, expires_at) VALUES ($1, $2, "
      "$3, $4, $5, $6, $7)";
  insert.params = {session.id,         session.user_id,      session.address,   session.user_agent,
                   session.created_at, session.last_used_at, session.expires_at};
  more.push_back(std::move(insert));
  more.push_back(insert_token(token_hash, session.id, session.created_at));
  co_return nothing(co_await database_.transaction(std::move(more)));
}

core::Task<core::Result<std::optional<Session>>> SessionStore::find(std::string id) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns + " FROM sessions WHERE id = $1";
  statement.params = {std::move(id)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::optional<Session> session;
  if (!rows->empty()) session = to_session(rows->front());
  co_return session;
}

core::Task<core::Result<std::vector<Session>>> SessionStore::live(std::string user_id, std::int64_t now_ms) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns +
                  " FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at";
  statement.params = {std::move(user_id), now_ms};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<Session> all;
  for (const auto& row : *rows) all.push_back(to_session(row));
  co_return all;
}

core::Task<core::Result<std::optional<RefreshToken>>> SessionStore::find_token(std::string token_hash) {
  Statement statement;
  statement.sql = std::string("SELECT ") + columns +
                  ", used_at FROM sessions JOIN (SELECT session_id, used_at FROM refresh_tokens WHERE token_hash = $1) "
                  "AS t ON t.session_id = sessions.id";
  statement.params = {std::move(token_hash)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::optional<RefreshToken> token;
  if (!rows->empty()) token = RefreshToken{to_session(rows->front()), rows->front().maybe_integer(8)};
  co_return token;
}

core::Task<core::Result<>> SessionStore::rotate(Session session, std::string old_hash, std::string new_hash,
                                                std::int64_t now_ms) {
  Statement spend;
  spend.sql = "UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL RETURNING session_id";
  spend.params = {std::move(old_hash), now_ms};
  spend.at_least_rows = 1;
  Statement renew;
  renew.sql =
      "UPDATE sessions SET last_used_at = $2, expires_at = $3, address = $4, user_agent = $5 WHERE id = $1 AND "
      "revoked_at IS NULL RETURNING id";
  renew.params = {session.id, now_ms, session.expires_at, session.address, session.user_agent};
  renew.at_least_rows = 1;
  std::vector<Statement> statements;
  statements.push_back(std::move(spend));
  statements.push_back(std::move(renew));
  statements.push_back(insert_token(new_hash, session.id, now_ms));
  co_return nothing(co_await database_.transaction(std::move(statements)));
}

core::Task<core::Result<bool>> SessionStore::revoke(std::string user_id, std::string id, std::int64_t now_ms,
                                                    std::vector<Statement> more) {
  Statement statement;
  statement.sql =
      "UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id";
  statement.params = {std::move(user_id), std::move(id), now_ms};
  statement.at_least_rows = 1;
  more.insert(more.begin(), std::move(statement));
  const auto done = co_await database_.transaction(std::move(more));
  if (!done && done.error().field == too_few_rows) co_return false;
  if (!done) co_return tl::unexpected(done.error());
  co_return true;
}

core::Task<core::Result<>> SessionStore::sweep(std::int64_t ended_before_ms) {
  constexpr auto ended = "(expires_at < $1 OR revoked_at < $1)";
  Statement tokens;
  tokens.sql =
      std::string("DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE ") + ended + ")";
  tokens.params = {ended_before_ms};
  Statement sessions;
  sessions.sql = std::string("DELETE FROM sessions WHERE ") + ended;
  sessions.params = {ended_before_ms};
  std::vector<Statement> statements;
  statements.push_back(std::move(tokens));
  statements.push_back(std::move(sessions));
  co_return nothing(co_await database_.transaction(std::move(statements)));
}

Statement SessionStore::revoke_all(const std::string& user_id, const std::string& except, std::int64_t now_ms) {
  Statement statement;
  statement.sql = "UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL";
  statement.params = {user_id, except, now_ms};
  return statement;
}

}  // namespace retell::storage
