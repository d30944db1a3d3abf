// Signing in and out. An access token (a JWT of 15 minutes) opens the API; a refresh token, good once, gives the next
// pair. A refresh token that comes a second time has been stolen from someone: the whole session ends. Any thread.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "crypto/jwt.hpp"
#include "services/password_hasher.hpp"
#include "services/principal.hpp"
#include "services/sign_in_guard.hpp"
#include "storage/cache/cache.hpp"
#include "storage/stores/organization_store.hpp"
#include "storage/stores/session_store.hpp"
#include "storage/stores/user_store.hpp"

namespace retell::services {

// Where a request comes from.
struct Visitor {
  std::string address;
  std::string user_agent;
};

struct SignedIn {
  std::string access_token;
  std::int64_t access_expires_at = 0;  // epoch ms
  std::string refresh_token;
  std::int64_t refresh_expires_at = 0;  // epoch ms
  std::string session_id;
  std::string user_id;
};

// What is to be stored together with something that a person does who is known only by then: `target` is what it is
// done to, `joins` a workspace that the person will belong to afterwards.
struct Doing {
  std::string user_id;
  std::string email;
  std::string target = {};
  std::string joins = {};
};
using Along = std::function<core::Task<core::Result<std::vector<storage::Statement>>>(Doing)>;

class SessionService {
 public:
  // `secrets`: the first signs, all are accepted; the second and later ones are what it was before.
  SessionService(storage::Database& database, storage::Cache& cache, PasswordHasher& passwords, SignInGuard& guard,
                 const core::Clock& clock, const std::vector<std::string>& secrets, core::Logger log);

  // unauthorized, in the same words and time, for a wrong password and for a person who does not exist.
  // `along` is stored together with the session.
  [[nodiscard]] core::Task<core::Result<SignedIn>> sign_in(std::string email, std::string password, Visitor visitor,
                                                           Along along = {});
  // For one who has just proved who they are in another way.
  [[nodiscard]] core::Task<core::Result<SignedIn>> begin(std::string user_id, Visitor visitor);
  // unauthorized for unknown, spent and expired tokens.
  [[nodiscard]] core::Task<core::Result<SignedIn>> refresh(std::string refresh_token, Visitor visitor);

  // The person that an access token belongs to, in `workspace`; empty: the first that they joined. unauthorized for bad
  // tokens and ended sessions, forbidden for a workspace that is not theirs. Processes that share no cache
  // notice the end of a session within `remembered`.
  [[nodiscard]] core::Task<core::Result<Principal>> authenticate(std::string token, std::string workspace);

  [[nodiscard]] core::Task<core::Result<std::vector<storage::Session>>> live(std::string user_id);
  // Signs out; not_found when it is not a session of this person.
  [[nodiscard]] core::Task<core::Result<>> end(std::string user_id, std::string session_id,
                                               std::vector<storage::Statement> more = {});
  [[nodiscard]] core::Task<core::Result<>> end_by_token(std::string refresh_token,
                                                        Along along = {});  // unknown ones are fine
  // Forgets what ended long ago.
  [[nodiscard]] core::Task<core::Result<>> sweep();

  // Where the cache keeps what is known of a session; invalid as soon as it is ended.
  [[nodiscard]] static std::string cache_group(const std::string& session_id) { return "session:" + session_id; }

  static constexpr std::chrono::minutes access_lifetime{15};
  static constexpr std::chrono::hours idle_lifetime{24 * 30};      // of a session that is not used
  static constexpr std::chrono::hours longest_lifetime{24 * 180};  // of a session that is
  static constexpr std::chrono::seconds remembered{15};

 private:
  struct Known;
  [[nodiscard]] core::Task<core::Result<SignedIn>> begin_as(std::string id, std::string user_id, Visitor visitor,
                                                            std::vector<storage::Statement> more);
  [[nodiscard]] SignedIn tokens(const storage::Session& session, std::string refresh_token) const;
  [[nodiscard]] std::int64_t expiry(std::int64_t created_at, std::int64_t now_ms) const;
  [[nodiscard]] core::Task<core::Result<Known>> look_up(std::string session_id);
  [[nodiscard]] core::Task<core::Result<Principal>> in_workspace(Known known, std::string workspace);
  [[nodiscard]] core::Task<core::Result<>> end_stolen(const storage::Session& session);

  storage::SessionStore sessions_;
  storage::UserStore users_;
  storage::OrganizationStore organizations_;
  storage::Cache& cache_;
  PasswordHasher& passwords_;
  SignInGuard& guard_;
  const core::Clock& clock_;
  std::vector<crypto::JwtKey> keys_;
  core::Logger log_;
};

}  // namespace retell::services
