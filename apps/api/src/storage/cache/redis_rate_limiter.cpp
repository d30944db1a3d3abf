#include "storage/cache/redis_rate_limiter.hpp"

namespace retell::storage {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Wait = std::optional<milliseconds>;

// KEYS: the moment. ARGV: requests a second, how far ahead the moment may lie. Gives the wait; all in microseconds.
// A moment further ahead than can be was written before Redis' clock was set back.
constexpr const char* script =
    "local time = redis.call('TIME') "
    "local now = time[1] * 1000000 + time[2] "
    "local furthest = now + ARGV[2] "
    "local ahead = tonumber(redis.call('GET', KEYS[1]) or now) "
    "local after = math.min(math.max(ahead, now), furthest) + math.floor(1000000 / ARGV[1]) "
    "if after > furthest then return after - furthest end "
    "redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000)) "
    "return 0";

}  // namespace

RedisRateLimiter::RedisRateLimiter(RedisLink& link, const core::Clock& clock, core::Metrics& metrics)
    : link_(link),
      clock_(clock),
      alone_total_(metrics.counter("retell_unshared_limits_total", unshared_limits_help, {{"limit", "requests"}})),
      alone_(clock) {}

core::Task<Wait> RedisRateLimiter::too_early_by(std::string key, int per_second) {
  // Until then nobody's request passes, so a flood of them is not Redis' concern.
  if (auto wait = known(key, per_second)) co_return wait;
  co_return co_await link_.thread().run(ask(std::move(key), per_second));
}

Wait RedisRateLimiter::known(const std::string& key, int per_second) {
  const std::lock_guard lock(mutex_);
  const auto found = refused_.find(key);
  if (found == refused_.end()) return std::nullopt;
  const auto now = clock_.now();
  if (now < found->second.until && found->second.per_second == per_second) {
    return std::chrono::ceil<milliseconds>(found->second.until - now);
  }
  refused_.erase(found);
  return std::nullopt;
}

core::Task<Wait> RedisRateLimiter::ask(std::string key, int per_second) {
  static const auto furthest = std::to_string(microseconds(furthest_ahead).count());
  const auto answer = co_await link_.client().command(
      resp::command({"EVAL", script, "1", "retell:{rate:" + key + "}", std::to_string(per_second), furthest}));
  const auto* wait = answer ? answer->number() : nullptr;
  if (wait == nullptr) {
    alone_total_.add();
    co_return co_await alone_.too_early_by(std::move(key), per_second);
  }
  if (*wait <= 0) co_return std::nullopt;
  const std::lock_guard lock(mutex_);
  refused_[std::move(key)] = {clock_.now() + microseconds(*wait), per_second};
  co_return std::chrono::ceil<milliseconds>(microseconds(*wait));
}

}  // namespace retell::storage
