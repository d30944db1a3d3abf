// A cache inside this process. Any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/clock.hpp"
#include "storage/cache/cache.hpp"

namespace retell::storage {

class MemoryCache final : public Cache {
 public:
  // At most `capacity` values; when full, the one that would expire first makes room. None lives longer than `longest`:
  // other processes' changes are seen that late. In the last fifth of its life a value is withheld from the first who
  // asks, who thus reads it anew; all at once would ask the database otherwise when it is gone.
  MemoryCache(const core::Clock& clock, std::size_t capacity, std::chrono::milliseconds longest = longest_lifetime)
      : clock_(clock), capacity_(capacity), longest_(longest) {}
  [[nodiscard]] core::Task<CacheLookup> get(std::string group, std::string name) override;
  void set(std::string group, std::string name, std::string value, std::chrono::milliseconds lifetime,
           std::string token) override;
  [[nodiscard]] core::Task<void> invalidate(std::string group) override;

 private:
  using Place = std::pair<std::string, std::string>;  // group, name
  struct Entry {
    std::string value;
    core::TimePoint ripe;    // to be read anew from here on
    bool asked_for = false;  // somebody does
    std::multimap<core::TimePoint, Place>::iterator end;
  };
  using Group = std::unordered_map<std::string, Entry>;
  void erase(const std::string& group, const std::string& name);
  [[nodiscard]] std::uint64_t& generation(const std::string& group);

  const core::Clock& clock_;
  std::size_t capacity_;
  std::chrono::milliseconds longest_;
  std::mutex mutex_;
  std::unordered_map<std::string, Group> groups_;
  std::multimap<core::TimePoint, Place> by_end_;
  // How often a group was invalidated; groups share counters, which at worst refuses a value needlessly.
  std::array<std::uint64_t, 1024> generations_{};
};

}  // namespace retell::storage
