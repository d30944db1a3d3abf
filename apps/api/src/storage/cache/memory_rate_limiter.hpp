// The limits of one process by itself. Any thread.
#pragma once
#include <mutex>
#include <unordered_map>

#include "core/clock.hpp"
#include "storage/cache/rate_limiter.hpp"

namespace retell::storage {

class MemoryRateLimiter final : public RateLimiter {
 public:
  explicit MemoryRateLimiter(const core::Clock& clock) : clock_(clock) {}
  [[nodiscard]] core::Task<std::optional<std::chrono::milliseconds>> too_early_by(std::string key,
                                                                                  int per_second) override;

 private:
  const core::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, core::TimePoint> ahead_;  // of known workspaces only, so as many as there are
};

}  // namespace retell::storage
