// Copies of what the database says, kept for a while so that a call starts without asking it. What is lost is only
// time.
//
// Values belong to a group ("agent:org_1:agent_2"), which is what a change makes invalid as a whole. A value can only
// be kept by who looked it up before reading the database: if the group was invalidated meanwhile, set() does nothing,
// so that a slow reader cannot bring back what is no longer true.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "core/task.hpp"

namespace retell::storage {

struct CacheLookup {
  std::optional<std::string> value;
  std::string token = {};  // for set(), when there is no value
};

// Any thread; callers resume on their own executor. Nothing here fails: a cache that cannot be reached has no values.
class Cache {
 public:
  virtual ~Cache() = default;
  [[nodiscard]] virtual core::Task<CacheLookup> get(std::string group, std::string name) = 0;
  // Returns at once; the value may be there later or never.
  virtual void set(std::string group, std::string name, std::string value, std::chrono::milliseconds lifetime,
                   std::string token) = 0;
  // When it returns, nobody who shares this cache sees the group's values any more. A shared cache that cannot be
  // reached is told when it is back; until then other processes may see them for the rest of their lifetime.
  [[nodiscard]] virtual core::Task<void> invalidate(std::string group) = 0;

  static constexpr std::chrono::seconds longest_lifetime{60};  // of any value
};

}  // namespace retell::storage
