// A cache that the processes of a deployment share. Correct also while Redis is away: then there simply is no cache.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "core/service_thread.hpp"
#include "storage/cache/cache.hpp"
#include "storage/cache/redis_client.hpp"

namespace retell::storage {

class RedisCache final : public Cache {
 public:
  // Starts a thread of its own, which connects at once and in the background.
  RedisCache(RedisAddress address, RedisOptions options, core::Metrics& metrics, core::Logger log);
  ~RedisCache() override;

  [[nodiscard]] core::Task<CacheLookup> get(std::string group, std::string name) override;
  void set(std::string group, std::string name, std::string value, std::chrono::milliseconds lifetime,
           std::string token) override;
  [[nodiscard]] core::Task<void> invalidate(std::string group) override;

 private:
  [[nodiscard]] core::Task<CacheLookup> look_up(std::string group, std::string name);
  [[nodiscard]] core::Task<void> keep(std::string encoded);
  [[nodiscard]] core::Task<bool> drop(std::string group);  // false: later
  [[nodiscard]] core::Task<bool> pay_debts();              // what could not be invalidated while Redis was away

  core::Gauge up_;
  core::Counter owed_total_;
  core::Logger log_;
  core::ServiceThread thread_{"cache"};
  RedisClient client_;
  std::map<std::string, core::TimePoint> owed_;  // groups, and since when
};

}  // namespace retell::storage
