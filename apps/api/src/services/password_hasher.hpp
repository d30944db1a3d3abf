// Hashes and verifies passwords on threads of its own, so that nothing else waits for it. What waits is bounded:
// whoever comes when too many wait is sent away, so that a flood of sign-ins costs at most these threads. Any thread.
#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"

namespace retell::services {

class PasswordHasher {
 public:
  explicit PasswordHasher(std::size_t threads = 1) : pool_(threads) {}
  // rate_limited when too many wait.
  [[nodiscard]] core::Task<core::Result<std::string>> hash(std::string password);
  [[nodiscard]] core::Task<core::Result<bool>> verify(std::string password, std::string hash);

 private:
  [[nodiscard]] core::Result<> enter();
  core::BlockingPool pool_;
  std::atomic<int> waiting_{0};
};

}  // namespace retell::services
