#include "storage/cache/redis_link.hpp"

namespace retell::storage {

RedisLink::RedisLink(RedisAddress address, RedisOptions options, core::Metrics& metrics, core::Logger log)
    : up_(metrics.gauge("retell_cache_up", "Whether the shared cache can be reached.")),
      client_(thread_.worker(), std::move(address), std::move(options), std::move(log)) {
  up_.set(0);
}

void RedisLink::start() {
  thread_.start("cache connection",
                [this] { return client_.run({[this] { return greet(); }, [this](bool up) { up_.set(up ? 1 : 0); }}); });
}

core::Task<bool> RedisLink::greet() {
  for (const auto& greeting : greetings_) {
    if (!co_await greeting()) co_return false;
  }
  co_return true;
}

}  // namespace retell::storage
