#include "api/rate_limiter.hpp"

#include <algorithm>

namespace retell::api {

bool RateLimiter::allow(const std::string& key) {
  if (rate_ <= 0) return true;
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  auto [it, fresh] = buckets_.try_emplace(key, Bucket{2 * rate_, now});
  auto& bucket = it->second;
  const double elapsed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(2 * rate_, bucket.tokens + elapsed * rate_);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace retell::api
