// What the processes of a deployment share for speed and for counting, or one process has for itself: the same to
// whoever uses it.
#pragma once
#include "storage/cache/memory_cache.hpp"
#include "storage/cache/memory_call_registry.hpp"
#include "storage/cache/memory_rate_limiter.hpp"
#include "storage/cache/redis_cache.hpp"
#include "storage/cache/redis_call_registry.hpp"
#include "storage/cache/redis_rate_limiter.hpp"

namespace retell::storage {

class SharedState {
 public:
  virtual ~SharedState() = default;
  [[nodiscard]] virtual Cache& cache() = 0;
  [[nodiscard]] virtual RateLimiter& rates() = 0;
  [[nodiscard]] virtual CallRegistry& calls() = 0;
  // Blocks until what is shared can be reached, or `within` is over: false. For commands, which are too short to wait
  // for it in the background.
  [[nodiscard]] virtual bool wait_until_up(std::chrono::milliseconds within) const = 0;
};

class ProcessState final : public SharedState {
 public:
  // `cached`: values at most, for `cached_for` at most. `calls`: that this process can carry.
  ProcessState(const core::Clock& clock, std::size_t cached, std::chrono::milliseconds cached_for, int calls)
      : cache_(clock, cached, cached_for), rates_(clock), calls_(calls) {}
  [[nodiscard]] Cache& cache() override { return cache_; }
  [[nodiscard]] RateLimiter& rates() override { return rates_; }
  [[nodiscard]] CallRegistry& calls() override { return calls_; }
  [[nodiscard]] bool wait_until_up(std::chrono::milliseconds /*within*/) const override { return true; }

 private:
  MemoryCache cache_;
  MemoryRateLimiter rates_;
  MemoryCallRegistry calls_;
};

class RedisState final : public SharedState {
 public:
  // Connects at once and in the background.
  RedisState(RedisAddress address, RedisOptions options, int calls, const core::Clock& clock, core::Metrics& metrics,
             core::Logger log, CallLease lease = {})
      : link_(std::move(address), std::move(options), metrics, std::move(log)),
        rates_(link_, clock, metrics),
        calls_(link_, calls, lease, metrics),
        cache_(link_, metrics) {
    link_.start();
  }
  ~RedisState() override { link_.stop(); }  // before what its tasks refer to is gone
  [[nodiscard]] Cache& cache() override { return cache_; }
  [[nodiscard]] RateLimiter& rates() override { return rates_; }
  [[nodiscard]] CallRegistry& calls() override { return calls_; }
  [[nodiscard]] bool wait_until_up(std::chrono::milliseconds within) const override {
    return link_.wait_until_up(within);
  }

 private:
  RedisLink link_;
  RedisRateLimiter rates_;
  RedisCallRegistry calls_;
  RedisCache cache_;
};

}  // namespace retell::storage
