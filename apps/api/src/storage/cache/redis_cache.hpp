// A cache that the processes of a deployment share. Correct also while Redis is away: then there simply is no cache.
#pragma once
#include <chrono>
#include <map>
#include <string>

#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "storage/cache/cache.hpp"
#include "storage/cache/redis_link.hpp"

namespace retell::storage {

class RedisCache final : public Cache {
 public:
  // `link` is not started yet, and stopped before this goes. Greets last of all: what is invalidated while others greet
  // would not be told before the next connection.
  RedisCache(RedisLink& link, core::Metrics& metrics);

  [[nodiscard]] core::Task<CacheLookup> get(std::string group, std::string name) override;
  void set(std::string group, std::string name, std::string value, std::chrono::milliseconds lifetime,
           std::string token) override;
  [[nodiscard]] core::Task<void> invalidate(std::string group) override;

 private:
  [[nodiscard]] core::Task<CacheLookup> look_up(std::string group, std::string name);
  [[nodiscard]] core::Task<void> keep(std::string encoded);
  [[nodiscard]] core::Task<bool> drop(std::string group);  // false: later
  [[nodiscard]] core::Task<bool> pay_debts();              // what could not be invalidated while Redis was away

  RedisLink& link_;
  core::Counter owed_total_;
  std::map<std::string, core::TimePoint> owed_;  // groups, and since when
};

}  // namespace retell::storage
