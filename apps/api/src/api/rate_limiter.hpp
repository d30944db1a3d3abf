// A token bucket for each API key. Any thread.
#pragma once
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/clock.hpp"

namespace retell::api {

class RateLimiter {
 public:
  // `per_second` requests on average, twice that at once; 0: no limit.
  RateLimiter(int per_second, const core::Clock& clock) : rate_(per_second), clock_(clock) {}
  [[nodiscard]] bool allow(const std::string& key);

 private:
  struct Bucket {
    double tokens = 0;
    core::TimePoint filled;
  };
  double rate_;
  const core::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;  // of known keys only, so as many as there are keys
};

}  // namespace retell::api
