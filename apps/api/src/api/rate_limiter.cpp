#include "api/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace retell::api {

std::optional<std::chrono::milliseconds> RateLimiter::wait(const std::string& key, int per_second) {
  if (per_second <= 0) return std::nullopt;
  const double rate = per_second;
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  auto [it, fresh] = buckets_.try_emplace(key, Bucket{2 * rate, now});
  auto& bucket = it->second;
  const double elapsed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(2 * rate, bucket.tokens + elapsed * rate);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / rate * 1000)));
}

}  // namespace retell::api
