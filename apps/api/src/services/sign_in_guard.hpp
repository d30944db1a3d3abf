// Slows guessing down: a few tries are free, then an account, and more patiently an address, is locked for longer and
// longer, up to a quarter of an hour. Locked accounts look the same whether they exist or not. Any thread.
#pragma once
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "storage/stores/sign_in_attempt_store.hpp"

namespace retell::services {

class SignInGuard {
 public:
  SignInGuard(storage::Database& database, const core::Clock& clock) : attempts_(database), clock_(clock) {}

  // Before a password is looked at; rate_limited, with the time to wait, when the account or the address is locked.
  [[nodiscard]] core::Task<core::Result<>> enter(std::string email, std::string address);
  // After the right password: what the account's owner mistyped before is forgotten.
  [[nodiscard]] core::Task<core::Result<>> passed(std::string email, std::string address);
  [[nodiscard]] core::Task<core::Result<>> forget_account(std::string email);
  [[nodiscard]] core::Task<core::Result<>> sweep();  // what has been quiet for long

  static constexpr int free_for_account = 5;
  static constexpr int free_for_address = 30;  // an office behind one address

 private:
  [[nodiscard]] core::Task<core::Result<>> count(std::string subject, int free);
  storage::SignInAttemptStore attempts_;
  const core::Clock& clock_;
};

// How long the `excess`-th try after the free ones locks: 1, 2, 4 … s, at most 15 min.
[[nodiscard]] std::chrono::milliseconds lock_after(std::int64_t excess);
// Of IPv6 the network (/64), which is what one customer of a provider has.
[[nodiscard]] std::string address_subject(std::string_view address);

}  // namespace retell::services
