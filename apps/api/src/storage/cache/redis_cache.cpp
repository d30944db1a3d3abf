#include "storage/cache/redis_cache.hpp"

#include "core/ids.hpp"

namespace retell::storage {
namespace {

// A group's value is good while it carries the group's present mark. Marks outlive every value by far; one that Redis
// evicted is replaced by a new one, which makes the group's values worthless rather than wrong.
constexpr const char* mark_lifetime_ms = "3600000";

// KEYS: value, mark. ARGV: value, lifetime, the mark seen ("" for none), a new mark.
constexpr const char* keep_script =
    "local mark = redis.call('GET', KEYS[2]) "
    "if not mark then if ARGV[3] ~= '' then return 0 end mark = ARGV[4] "
    "redis.call('SET', KEYS[2], mark, 'PX', ARGV[5]) "
    "elseif mark ~= ARGV[3] then return 0 end "
    "redis.call('SET', KEYS[1], mark .. ARGV[1], 'PX', ARGV[2]) return 1";

// The braces keep both keys of a group in one slot.
std::string value_key(const std::string& group, const std::string& name) { return "retell:{" + group + "}:" + name; }
std::string mark_key(const std::string& group) { return "retell:{" + group + "}"; }

constexpr std::size_t mark_size = 16;
std::string new_mark() { return core::make_id("", mark_size / 2); }

}  // namespace

RedisCache::RedisCache(RedisLink& link, core::Metrics& metrics)
    : link_(link),
      owed_total_(metrics.counter("retell_cache_late_invalidations_total",
                                  "Changes that the shared cache could not be told of at once.")) {
  link_.greet_with([this] { return pay_debts(); });
}

core::Task<CacheLookup> RedisCache::get(std::string group, std::string name) {
  co_return co_await link_.thread().run(look_up(std::move(group), std::move(name)));
}

core::Task<CacheLookup> RedisCache::look_up(std::string group, std::string name) {
  CacheLookup lookup;
  const auto value = value_key(group, name);
  const auto mark = mark_key(group);
  const auto answer = co_await link_.client().command(resp::command({"MGET", value, mark}));
  if (!answer) co_return lookup;
  const auto* both = answer->array();
  if (both == nullptr || both->size() != 2) co_return lookup;
  const auto* present = (*both)[1].text();
  if (present != nullptr) lookup.token = *present;
  const auto* kept = (*both)[0].text();
  if (kept != nullptr && present != nullptr && present->size() == mark_size && kept->starts_with(*present)) {
    lookup.value = kept->substr(mark_size);
  }
  co_return lookup;
}

void RedisCache::set(std::string group, std::string name, std::string value, std::chrono::milliseconds lifetime,
                     std::string token) {
  auto encoded = resp::command({"EVAL", keep_script, "2", value_key(group, name), mark_key(group), value,
                                std::to_string(lifetime.count()), token, new_mark(), mark_lifetime_ms});
  link_.thread().start("cache set", [this, encoded = std::move(encoded)] { return keep(encoded); });
}

core::Task<void> RedisCache::keep(std::string encoded) { (void)co_await link_.client().command(std::move(encoded)); }

core::Task<void> RedisCache::invalidate(std::string group) {
  (void)co_await link_.thread().run(drop(std::move(group)));
}

core::Task<bool> RedisCache::drop(std::string group) {
  const auto answer =
      co_await link_.client().command(resp::command({"SET", mark_key(group), new_mark(), "PX", mark_lifetime_ms}));
  if (answer && answer->failure() == nullptr) co_return true;
  owed_total_.add();
  owed_[std::move(group)] = std::chrono::steady_clock::now();
  co_return false;
}

core::Task<bool> RedisCache::pay_debts() {
  // What was kept before the connection was lost is gone by itself after its lifetime.
  const auto oldest = std::chrono::steady_clock::now() - longest_lifetime;
  std::erase_if(owed_, [&](const auto& debt) { return debt.second < oldest; });
  while (!owed_.empty()) {
    const auto group = owed_.begin()->first;
    const auto answer =
        co_await link_.client().greet(resp::command({"SET", mark_key(group), new_mark(), "PX", mark_lifetime_ms}));
    if (!answer || answer->failure() != nullptr) co_return false;
    owed_.erase(group);
  }
  co_return true;
}

}  // namespace retell::storage
