// Token buckets, one for each workspace. Any thread.
#pragma once
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/clock.hpp"

namespace retell::api {

class RateLimiter {
 public:
  explicit RateLimiter(const core::Clock& clock) : clock_(clock) {}
  // `per_second` requests on average, twice that at once; 0: no limit. Nothing when the request may pass, else the time
  // until one may. The rate may change from one request to the next.
  [[nodiscard]] std::optional<std::chrono::milliseconds> wait(const std::string& key, int per_second);

 private:
  struct Bucket {
    double tokens = 0;
    core::TimePoint filled;
  };
  const core::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;  // of known workspaces only, so as many as there are
};

}  // namespace retell::api
