#include "app/stop_plan.hpp"

#include <algorithm>

namespace retell::app {

StopPlan stop_plan(std::chrono::seconds drain, std::chrono::seconds all) {
  using namespace std::chrono_literals;
  constexpr auto farewell = 15s;  // a last sentence, the goodbye, the last questions for the record
  constexpr auto upload = 12s;    // of the recordings of the calls that ended last
  constexpr auto ending = 8s;     // connections are closed, threads joined
  // Without a limit nobody should wait long for a bucket that does not answer: the spool stays.
  constexpr auto patience = 60s;
  if (all == 0s) return {drain, drain + farewell + patience};
  return {std::clamp(all - farewell - upload - ending, 0s, drain), all - ending};
}

}  // namespace retell::app
