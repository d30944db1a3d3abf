#include "storage/cache/redis_call_registry.hpp"

#include <algorithm>

#include "core/ids.hpp"
#include "core/race.hpp"

namespace retell::storage {
namespace {

// A workspace's calls are a sorted set, their score the end of their lease in milliseconds of Redis' clock.
std::string key_of(const std::string& organization_id) { return "retell:{calls:" + organization_id + "}"; }

// So are the processes.
constexpr const char* nodes_key = "retell:{nodes}";

constexpr std::string_view now =
    "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000) ";

// ARGV: call, lifetime, most.
constexpr std::string_view take_script =
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) "
    "if not redis.call('ZSCORE', KEYS[1], ARGV[1]) "
    "and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end "
    "redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) "
    "redis.call('PEXPIRE', KEYS[1], ARGV[2]) "
    "return 1";

constexpr std::string_view count_script =
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) "
    "return redis.call('ZCARD', KEYS[1])";

// ARGV: lifetime, calls.
constexpr std::string_view renew_script =
    "for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end "
    "redis.call('PEXPIRE', KEYS[1], ARGV[1]) "
    "return 1";

// ARGV: lifetime, node. Gives what all nodes can carry.
constexpr std::string_view node_script =
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) "
    "redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[2]) "
    "redis.call('PEXPIRE', KEYS[1], ARGV[1]) "
    "local calls = 0 "
    "for _, node in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do calls = calls + string.match(node, '%d+$') end "
    "return calls";

constexpr std::size_t renewed_at_once = 500;  // calls; Redis does nothing else meanwhile

std::string eval(std::string_view body, const std::string& key, const std::vector<std::string_view>& arguments) {
  const auto script = std::string(now) + std::string(body);
  std::vector<std::string_view> words{"EVAL", script, "1", key};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return resp::command(words);
}

const std::int64_t* number_in(const core::Result<resp::Value>& answer) { return answer ? answer->number() : nullptr; }

}  // namespace

RedisCallRegistry::RedisCallRegistry(RedisLink& link, int capacity, CallLease lease, core::Metrics& metrics)
    : link_(link),
      lease_(lease),
      lifetime_(std::to_string(lease.lifetime.count())),
      alone_total_(metrics.counter("retell_unshared_limits_total", unshared_limits_help, {{"limit", "calls"}})),
      own_(capacity),
      node_(core::make_id("") + ":" + std::to_string(capacity)),
      capacity_(capacity) {
  link_.greet_with([this] {
    connected_at_ = std::chrono::steady_clock::now();
    return renew([this](std::string encoded) { return link_.client().greet(std::move(encoded)); });
  });
  link_.thread().start("calls' leases", [this] { return keep_renewing(); });
}

core::Task<CallPlace> RedisCallRegistry::take(std::string organization_id, std::string call_id, int most) {
  co_return co_await link_.thread().run(ask(std::move(organization_id), std::move(call_id), most));
}

core::Task<CallPlace> RedisCallRegistry::ask(std::string organization_id, std::string call_id, int most) {
  const auto answer = co_await link_.client().command(
      eval(take_script, key_of(organization_id), {call_id, lifetime_, std::to_string(most)}));
  const auto* taken = number_in(answer);
  if (taken == nullptr) {
    // If Redis did register the call and only its answer was lost, that runs out or is true.
    alone_total_.add();
    go_alone();
    co_return co_await own_.take(std::move(organization_id), std::move(call_id), most);
  }
  const auto counted = sees_all() ? Counted::together : Counted::unsure;
  if (*taken == 0) co_return CallPlace{false, counted};
  own_.add(organization_id, std::move(call_id));
  co_return CallPlace{true, counted};
}

bool RedisCallRegistry::sees_all() const { return std::chrono::steady_clock::now() - connected_at_ >= lease_.lifetime; }

void RedisCallRegistry::release(std::string organization_id, std::string call_id) {
  // First here: a renewal that still names the call was sent before what follows.
  own_.release(organization_id, call_id);
  link_.thread().start("call released",
                       [this, organization_id = std::move(organization_id), call_id = std::move(call_id)] {
                         return tell_released(organization_id, call_id);
                       });
}

core::Task<void> RedisCallRegistry::tell_released(std::string organization_id, std::string call_id) {
  const auto answer = co_await link_.client().command(resp::command({"ZREM", key_of(organization_id), call_id}));
  if (number_in(answer) != nullptr) co_return;
  owed_.push_back({std::move(organization_id), std::move(call_id), std::chrono::steady_clock::now()});
}

core::Task<CallCount> RedisCallRegistry::count(std::string organization_id) {
  co_return co_await link_.thread().run(ask_count(std::move(organization_id)));
}

core::Task<CallCount> RedisCallRegistry::ask_count(std::string organization_id) {
  const auto answer = co_await link_.client().command(eval(count_script, key_of(organization_id), {}));
  if (const auto* count = number_in(answer)) co_return CallCount{static_cast<int>(*count), sees_all()};
  co_return co_await own_.count(std::move(organization_id));
}

void RedisCallRegistry::go_alone() { capacity_.store(own_.capacity(), std::memory_order_relaxed); }

core::Task<void> RedisCallRegistry::keep_renewing() {
  for (;;) {
    co_await core::sleep_for(lease_.renew_every);
    (void)co_await renew([this](std::string encoded) { return link_.client().command(std::move(encoded)); });
  }
}

core::Task<bool> RedisCallRegistry::renew(Send send) {
  // What Redis was not told of is over by itself after a while.
  const auto oldest = std::chrono::steady_clock::now() - lease_.lifetime;
  std::erase_if(owed_, [&](const Debt& debt) { return debt.since < oldest; });
  const auto together = co_await send(eval(node_script, nodes_key, {lifetime_, node_}));
  if (const auto* calls = number_in(together))
    capacity_.store(static_cast<int>(*calls), std::memory_order_relaxed);
  else
    go_alone();
  if (!together) co_return false;
  // Each batch is as the calls are at the moment when it is sent, so that it cannot bring back one that has ended.
  for (auto batch = own_.after({}, renewed_at_once); !batch.calls.empty(); batch = own_.after(batch, renewed_at_once)) {
    std::vector<std::string_view> arguments{lifetime_};
    arguments.insert(arguments.end(), batch.calls.begin(), batch.calls.end());
    const auto answer = co_await send(eval(renew_script, key_of(batch.organization_id), arguments));
    if (!answer) co_return false;
  }
  while (!owed_.empty()) {
    auto debt = std::move(owed_.back());
    owed_.pop_back();
    const auto answer = co_await send(resp::command({"ZREM", key_of(debt.organization_id), debt.call_id}));
    if (number_in(answer) != nullptr) continue;
    owed_.push_back(std::move(debt));
    co_return answer.has_value();  // what Redis refuses is tried again with the next renewal
  }
  co_return true;
}

}  // namespace retell::storage
