// Which calls each workspace has, registered and running, in all processes.
#pragma once
#include <string>

#include "core/task.hpp"

namespace retell::storage {

struct CallCount {
  int calls = 0;
  bool together = false;  // of all processes; else of this one alone
};

// Any thread; callers resume on their own executor. Nothing here fails: who cannot ask the others decides alone.
class CallRegistry {
 public:
  virtual ~CallRegistry() = default;
  // Registers the call unless the workspace has `most` already; whatever is asked at the same moment, no more get in.
  // True also for a call that is registered already.
  [[nodiscard]] virtual core::Task<bool> take(std::string organization_id, std::string call_id, int most) = 0;
  // Returns at once; others may see the call for a moment longer. Also of other processes' calls, and of none.
  virtual void release(std::string organization_id, std::string call_id) = 0;
  // Another process has taken the call over, and it is no longer for this one to keep its place. Returns at once.
  virtual void leave(const std::string& organization_id, const std::string& call_id) = 0;
  [[nodiscard]] virtual core::Task<CallCount> count(std::string organization_id) = 0;
  // How many calls all processes together can carry, as of a short while ago. Returns at once.
  [[nodiscard]] virtual int capacity() const = 0;
};

}  // namespace retell::storage
