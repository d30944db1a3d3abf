#include "services/password_hasher.hpp"

#include "crypto/password.hpp"

namespace retell::services {
namespace {

constexpr int most_waiting = 32;  // at 0.1 s each: the last one waits about 3 s

struct Leave {
  std::atomic<int>& waiting;
  ~Leave() { --waiting; }
};

}  // namespace

core::Result<> PasswordHasher::enter() {
  if (waiting_.fetch_add(1) < most_waiting) return {};
  --waiting_;
  core::Error error{core::ErrorCode::rate_limited, "Too many people are signing in at this moment."};
  error.retry_after = std::chrono::seconds(2);
  return tl::unexpected<core::Error>(std::move(error));
}

core::Task<core::Result<std::string>> PasswordHasher::hash(std::string password) {
  if (auto entered = enter(); !entered) co_return tl::unexpected(entered.error());
  const Leave leave{waiting_};
  auto work = [password = std::move(password)] { return crypto::hash_password(password); };
  co_return co_await pool_.run(std::move(work));
}

core::Task<core::Result<bool>> PasswordHasher::verify(std::string password, std::string hash) {
  if (auto entered = enter(); !entered) co_return tl::unexpected(entered.error());
  const Leave leave{waiting_};
  auto work = [password = std::move(password), hash = std::move(hash)] {
    return crypto::verify_password(password, hash);
  };
  co_return co_await pool_.run(std::move(work));
}

}  // namespace retell::services
