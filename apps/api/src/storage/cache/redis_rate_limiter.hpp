// The limits of all processes together, counted in Redis by its clock; of each process alone while Redis is away. Any
// thread.
#pragma once
#include <mutex>
#include <unordered_map>

#include "core/metrics.hpp"
#include "storage/cache/memory_rate_limiter.hpp"
#include "storage/cache/redis_link.hpp"

namespace retell::storage {

class RedisRateLimiter final : public RateLimiter {
 public:
  // `link` is stopped before this goes.
  RedisRateLimiter(RedisLink& link, const core::Clock& clock, core::Metrics& metrics);
  // One round trip to Redis, none when the last refusal still holds.
  [[nodiscard]] core::Task<std::optional<std::chrono::milliseconds>> too_early_by(std::string key,
                                                                                  int per_second) override;

 private:
  struct Refusal {
    core::TimePoint until;
    int per_second;
  };
  [[nodiscard]] core::Task<std::optional<std::chrono::milliseconds>> ask(std::string key, int per_second);
  [[nodiscard]] std::optional<std::chrono::milliseconds> known(const std::string& key, int per_second);

  RedisLink& link_;
  const core::Clock& clock_;
  core::Counter alone_total_;
  MemoryRateLimiter alone_;
  std::mutex mutex_;
  std::unordered_map<std::string, Refusal> refused_;  // of who asks too much, so as many as there are workspaces
};

}  // namespace retell::storage
