// Signed-in browsers and their refresh tokens. A token is good once; the family of all that followed from one sign-in
// is a session, and lives and dies together.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct Session {
  std::string id;
  std::string user_id;
  std::string address;
  std::string user_agent;
  std::int64_t created_at = 0;
  std::int64_t last_used_at = 0;
  std::int64_t expires_at = 0;
  std::optional<std::int64_t> revoked_at = {};
};

struct RefreshToken {
  Session session;
  std::optional<std::int64_t> used_at;
};

class SessionStore {
 public:
  explicit SessionStore(Database& database) : database_(database) {}

  // `more` in the same transaction.
  [[nodiscard]] core::Task<core::Result<>> begin(Session session, std::string token_hash,
                                                 std::vector<Statement> more = {});
  [[nodiscard]] core::Task<core::Result<std::optional<Session>>> find(std::string id);
  [[nodiscard]] core::Task<core::Result<std::vector<Session>>> live(std::string user_id, std::int64_t now_ms);
  [[nodiscard]] core::Task<core::Result<std::optional<RefreshToken>>> find_token(std::string token_hash);
  // Spends one token and makes the next, in one transaction; conflict when it was spent meanwhile.
  [[nodiscard]] core::Task<core::Result<>> rotate(Session session, std::string old_hash, std::string new_hash,
                                                  std::int64_t now_ms);
  [[nodiscard]] core::Task<core::Result<bool>> revoke(std::string user_id, std::string id, std::int64_t now_ms,
                                                      std::vector<Statement> more = {});
  // Sessions that ended before; their tokens too.
  [[nodiscard]] core::Task<core::Result<>> sweep(std::int64_t ended_before_ms);

  // All of a person's sessions, but for `except`; part of the transaction that changes a password.
  [[nodiscard]] static Statement revoke_all(const std::string& user_id, const std::string& except, std::int64_t now_ms);

 private:
  Database& database_;
};

}  // namespace retell::storage
