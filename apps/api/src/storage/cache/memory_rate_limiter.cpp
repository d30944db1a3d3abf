#include "storage/cache/memory_rate_limiter.hpp"

#include <algorithm>

namespace retell::storage {

core::Task<std::optional<std::chrono::milliseconds>> MemoryRateLimiter::too_early_by(std::string key, int per_second) {
  const auto step = core::TimePoint::duration(std::chrono::seconds(1)) / per_second;
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  auto& ahead = ahead_[std::move(key)];
  const auto after = std::max(ahead, now) + step;
  if (after > now + furthest_ahead)
    co_return std::chrono::ceil<std::chrono::milliseconds>(after - now - furthest_ahead);
  ahead = after;
  co_return std::nullopt;
}

}  // namespace retell::storage
