// A cache inside this process. Any thread.
#pragma once
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "core/clock.hpp"
#include "storage/cache/cache.hpp"

namespace retell::storage {

class MemoryCache final : public Cache {
 public:
  // At most `capacity` values; when full, the one that would expire first makes room.
  MemoryCache(const core::Clock& clock, std::size_t capacity) : clock_(clock), capacity_(capacity) {}
  [[nodiscard]] std::optional<std::string> get(const std::string& key) override;
  void set(const std::string& key, std::string value, std::chrono::milliseconds lifetime) override;
  void remove(const std::string& key) override;

 private:
  struct Entry {
    std::string value;
    core::TimePoint until;
  };
  using Entries = std::map<std::string, Entry>;
  void erase(Entries::iterator entry);

  const core::Clock& clock_;
  std::size_t capacity_;
  std::mutex mutex_;
  Entries entries_;
  std::multimap<core::TimePoint, std::string> by_end_;
};

}  // namespace retell::storage
