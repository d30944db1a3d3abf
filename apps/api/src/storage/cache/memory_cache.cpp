#include "storage/cache/memory_cache.hpp"

namespace retell::storage {

std::optional<std::string> MemoryCache::get(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return std::nullopt;
  if (clock_.now() >= entry->second.until) {
    erase(entry);
    return std::nullopt;
  }
  return entry->second.value;
}

void MemoryCache::set(const std::string& key, std::string value, std::chrono::milliseconds lifetime) {
  const std::lock_guard lock(mutex_);
  if (const auto old = entries_.find(key); old != entries_.end()) erase(old);
  if (entries_.size() >= capacity_ && !by_end_.empty()) erase(entries_.find(by_end_.begin()->second));
  const auto until = clock_.now() + lifetime;
  entries_[key] = {std::move(value), until};
  by_end_.emplace(until, key);
}

void MemoryCache::remove(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (const auto entry = entries_.find(key); entry != entries_.end()) erase(entry);
}

void MemoryCache::erase(Entries::iterator entry) {
  const auto [first, last] = by_end_.equal_range(entry->second.until);
  for (auto it = first; it != last; ++it) {
    if (it->second == entry->first) {
      by_end_.erase(it);
      break;
    }
  }
  entries_.erase(entry);
}

}  // namespace retell::storage
