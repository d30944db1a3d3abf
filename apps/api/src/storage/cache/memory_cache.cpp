#include "storage/cache/memory_cache.hpp"

#include <functional>

namespace retell::storage {

std::uint64_t& MemoryCache::generation(const std::string& group) {
  return generations_[std::hash<std::string>()(group) % generations_.size()];
}

core::Task<CacheLookup> MemoryCache::get(std::string group, std::string name) {
  const std::lock_guard lock(mutex_);
  CacheLookup lookup;
  lookup.token = std::to_string(generation(group));
  const auto found = groups_.find(group);
  if (found == groups_.end()) co_return lookup;
  const auto entry = found->second.find(name);
  if (entry == found->second.end()) co_return lookup;
  const auto now = clock_.now();
  auto& known = entry->second;
  if (now >= known.end->first) {
    erase(group, name);
  } else if (now >= known.ripe && !known.asked_for) {
    known.asked_for = true;
  } else {
    lookup.value = known.value;
  }
  co_return lookup;
}

void MemoryCache::set(std::string group, std::string name, std::string value, std::chrono::milliseconds lifetime,
                      std::string token) {
  const std::lock_guard lock(mutex_);
  if (token != std::to_string(generation(group))) return;
  erase(group, name);
  if (by_end_.size() >= capacity_ && !by_end_.empty()) {
    const auto [first_group, first_name] = by_end_.begin()->second;
    erase(first_group, first_name);
  }
  const auto life = std::min(lifetime, longest_);
  const auto now = clock_.now();
  const auto end = by_end_.emplace(now + life, Place(group, name));
  groups_[std::move(group)].insert_or_assign(std::move(name), Entry{std::move(value), now + life * 4 / 5, false, end});
}

core::Task<void> MemoryCache::invalidate(std::string group) {
  const std::lock_guard lock(mutex_);
  ++generation(group);
  const auto found = groups_.find(group);
  if (found == groups_.end()) co_return;
  for (const auto& [name, entry] : found->second) by_end_.erase(entry.end);
  groups_.erase(found);
}

void MemoryCache::erase(const std::string& group, const std::string& name) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  const auto entry = found->second.find(name);
  if (entry == found->second.end()) return;
  by_end_.erase(entry->second.end);
  found->second.erase(entry);
  if (found->second.empty()) groups_.erase(found);
}

}  // namespace retell::storage
