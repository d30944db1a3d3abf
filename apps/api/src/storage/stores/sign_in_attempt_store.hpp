// How often signing in was tried lately, by account and by address. The counting is done by the database, in one
// statement, so that tries made at the same moment and by several processes are all seen.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

class SignInAttemptStore {
 public:
  explicit SignInAttemptStore(Database& database) : database_(database) {}
  // Counts one more try and gives how many there were since the subject was last quiet for `memory`; nothing while it
  // is locked.
  [[nodiscard]] core::Task<core::Result<std::optional<std::int64_t>>> count(std::string subject, std::int64_t now_ms,
                                                                            std::chrono::milliseconds memory);
  // Locks the subject until then; false when another try did so first.
  [[nodiscard]] core::Task<core::Result<bool>> lock(std::string subject, std::int64_t now_ms, std::int64_t until_ms);
  [[nodiscard]] core::Task<core::Result<std::int64_t>> free_at(std::string subject);  // 0: now
  [[nodiscard]] core::Task<core::Result<>> forgive(std::string subject);              // the last try: it was a good one
  [[nodiscard]] core::Task<core::Result<>> forget(std::string subject);
  [[nodiscard]] core::Task<core::Result<>> sweep(std::int64_t quiet_since_ms);

 private:
  Database& database_;
};

}  // namespace retell::storage
