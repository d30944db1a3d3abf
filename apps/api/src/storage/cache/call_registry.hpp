// Which calls each workspace has, registered and running, in all processes.
#pragma once
#include <cstdint>
#include <string>

#include "core/task.hpp"

namespace retell::storage {

struct CallCount {
  int calls = 0;
  bool together = false;  // of all processes, for certain
};

enum class Counted : std::uint8_t {
  together,  // with the calls of all processes
  unsure,    // the others see this call; whether this process sees all of theirs, it does not know yet
  alone,     // with the calls of this process
};

struct CallPlace {
  bool taken = false;
  Counted counted = Counted::alone;
  explicit operator bool() const { return taken; }
};

// Any thread; callers resume on their own executor. Nothing here fails: who cannot ask the others says so.
class CallRegistry {
 public:
  virtual ~CallRegistry() = default;
  // Registers the call unless the workspace has `most` already, of those that are counted; whatever is asked at the
  // same moment, no more get in. Also gives a place to a call that is registered already.
  [[nodiscard]] virtual core::Task<CallPlace> take(std::string organization_id, std::string call_id, int most) = 0;
  // Returns at once; others may see the call for a moment longer. Also of other processes' calls, and of none.
  virtual void release(std::string organization_id, std::string call_id) = 0;
  // Another process has taken the call over, and it is no longer for this one to keep its place. Returns at once.
  virtual void leave(const std::string& organization_id, const std::string& call_id) = 0;
  [[nodiscard]] virtual core::Task<CallCount> count(std::string organization_id) = 0;
  // Whether the others cannot see this process's calls now. Returns at once.
  [[nodiscard]] virtual bool apart() const = 0;
  // How many calls all processes together can carry, as of a short while ago. Returns at once.
  [[nodiscard]] virtual int capacity() const = 0;
};

}  // namespace retell::storage
