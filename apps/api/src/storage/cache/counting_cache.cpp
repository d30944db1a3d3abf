#include "storage/cache/counting_cache.hpp"

namespace retell::storage {

core::Task<CacheLookup> CountingCache::get(std::string group, std::string name) {
  const std::string label = group.substr(0, group.find(':'));
  auto lookup = co_await inner_.get(std::move(group), std::move(name));
  const std::lock_guard lock(mutex_);
  auto kind = kinds_.find(label);
  if (kind == kinds_.end()) {
    constexpr auto metric = "retell_cache_lookups_total";
    constexpr auto help = "Lookups in the cache; hits over all are the hit rate.";
    kind = kinds_
               .emplace(label, Kind{metrics_.counter(metric, help, {{"kind", label}, {"outcome", "hit"}}),
                                    metrics_.counter(metric, help, {{"kind", label}, {"outcome", "miss"}})})
               .first;
  }
  (lookup.value ? kind->second.hits : kind->second.misses).add();
  co_return lookup;
}

}  // namespace retell::storage
