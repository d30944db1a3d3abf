// How many requests a workspace may make, whichever process they come to.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "core/task.hpp"

namespace retell::storage {

// Any thread; callers resume on their own executor. Nothing here fails: who cannot ask the others decides alone.
class RateLimiter {
 public:
  virtual ~RateLimiter() = default;
  // `per_second` (more than 0) requests on average, twice that at once. Nothing when the request may pass and is
  // counted, else the time until one may. The rate may change from one request to the next.
  [[nodiscard]] virtual core::Task<std::optional<std::chrono::milliseconds>> too_early_by(std::string key,
                                                                                          int per_second) = 0;

  // The limit as a moment per key, "generic cell rate algorithm" (ITU-T I.371): each request moves it on by one step,
  // and it may lie this far ahead of now. In time rather than tokens a full burst is the same for every rate.
  static constexpr std::chrono::seconds furthest_ahead{2};
};

}  // namespace retell::storage
