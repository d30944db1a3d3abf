// The calls of all processes, in Redis; of this process alone while Redis is away. Each call is there under a lease
// that its process renews, so that those of a process that died run out, and those of one that lives come back by
// themselves after Redis lost them. Whether all of them have come back is certain only when a connection has stood for
// the length of a lease. Any thread.
#pragma once
#include <atomic>
#include <functional>
#include <vector>

#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "storage/cache/memory_call_registry.hpp"
#include "storage/cache/redis_link.hpp"

namespace retell::storage {

struct CallLease {
  // So long a dead process's calls hold their places: a fail-over of Redis takes less, a restart closes them anyway.
  std::chrono::milliseconds lifetime{60'000};
  std::chrono::milliseconds renew_every{15'000};
};

class RedisCallRegistry final : public CallRegistry {
 public:
  // `capacity`: of this process. `link` is not started yet, and stopped before this goes.
  RedisCallRegistry(RedisLink& link, int capacity, CallLease lease, core::Metrics& metrics);

  [[nodiscard]] core::Task<CallPlace> take(std::string organization_id, std::string call_id, int most) override;
  void release(std::string organization_id, std::string call_id) override;
  void leave(const std::string& organization_id, const std::string& call_id) override {
    own_.release(organization_id, call_id);
  }
  [[nodiscard]] core::Task<CallCount> count(std::string organization_id) override;
  [[nodiscard]] bool apart() const override { return !link_.is_up(); }
  [[nodiscard]] int capacity() const override { return capacity_.load(std::memory_order_relaxed); }

 private:
  using Send = std::function<core::Task<core::Result<resp::Value>>(std::string)>;
  struct Debt {
    std::string organization_id;
    std::string call_id;
    core::TimePoint since;
  };

  // All on the link's thread.
  [[nodiscard]] core::Task<CallPlace> ask(std::string organization_id, std::string call_id, int most);
  [[nodiscard]] core::Task<CallCount> ask_count(std::string organization_id);
  [[nodiscard]] core::Task<void> tell_released(std::string organization_id, std::string call_id);
  void go_alone();                      // Redis does not answer
  [[nodiscard]] bool sees_all() const;  // whoever else lives has told Redis of its calls, or that it cannot
  [[nodiscard]] core::Task<void> keep_renewing();
  [[nodiscard]] core::Task<bool> renew(
      Send send);  // tells Redis what is true of this process; false: it cannot be told

  RedisLink& link_;
  CallLease lease_;
  std::string lifetime_;
  core::Counter alone_total_;
  MemoryCallRegistry own_;
  std::string node_;  // how this process says what it can carry: "<a name of its own>:<calls>"
  std::atomic<int> capacity_;
  core::TimePoint connected_at_ = {};
  std::vector<Debt> owed_;  // releases that Redis could not be told of
};

}  // namespace retell::storage
