#include "storage/cache/redis_link.hpp"

#include <thread>

namespace retell::storage {

RedisLink::RedisLink(RedisAddress address, RedisOptions options, core::Metrics& metrics, core::Logger log)
    : up_(metrics.gauge("retell_cache_up", "Whether the shared cache can be reached.")),
      client_(thread_.worker(), std::move(address), std::move(options), std::move(log)) {
  up_.set(0);
}

void RedisLink::start() {
  thread_.start("cache connection",
                [this] { return client_.run({[this] { return greet(); }, [this](bool up) { changed(up); }}); });
}

void RedisLink::changed(bool up) {
  up_.set(up ? 1 : 0);
  usable_ = up;
}

bool RedisLink::wait_until_up(std::chrono::milliseconds within) const {
  constexpr std::chrono::milliseconds look{5};
  for (const auto end = std::chrono::steady_clock::now() + within; !usable_; std::this_thread::sleep_for(look)) {
    if (std::chrono::steady_clock::now() > end) return false;
  }
  return true;
}

core::Task<bool> RedisLink::greet() {
  for (const auto& greeting : greetings_) {
    if (!co_await greeting()) co_return false;
  }
  co_return true;
}

}  // namespace retell::storage
