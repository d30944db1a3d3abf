// How a server spends the time that it has to stop. Pure.
#pragma once
#include <chrono>

#include "core/clock.hpp"

namespace retell::app {

struct StopPlan {
  // From the signal on.
  core::Millis calls_until{0};    // live calls may go on
  core::Millis uploads_until{0};  // recordings are sent to the bucket; at least once, when calls took longer
};

// `drain`: what calls may take; `all`: after which somebody kills the process, 0 when nobody does.
[[nodiscard]] StopPlan stop_plan(std::chrono::seconds drain, std::chrono::seconds all);

}  // namespace retell::app
