// How much strangers may talk to the demo agents where the call page is open to everybody: so many calls an hour from
// one address, so many at a time, and none for long. Of this process. Time is an argument; any thread.
#pragma once
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "domain/agent.hpp"

namespace retell::app {

class PageLimits {
 public:
  static constexpr std::size_t most_addresses = 20'000;  // remembered; more than these at a time are refused

  explicit PageLimits(config::CallPage options) : options_(options) {}

  // Nothing: a call may be made, and is counted. Else the time until one may. For a moment it counts among the calls,
  // so that those who come at the same time do not all get through; then `made` says which it has become.
  [[nodiscard]] std::optional<std::chrono::seconds> too_early_by(core::TimePoint now, std::string_view address);
  // A call that was let through; counts until its end is told, or it must have ended.
  void made(core::TimePoint now, const std::string& call_id);
  void ended(const std::string& call_id);
  // Those that count, for whoever can look up which have ended: nobody joined, or another process carried them. At most
  // once a second, so that being refused costs us little; else empty.
  [[nodiscard]] std::vector<std::string> to_look_up(core::TimePoint now);

 private:
  [[nodiscard]] std::size_t calls_at(core::TimePoint now);  // with the lock
  [[nodiscard]] std::optional<std::chrono::seconds> count(core::TimePoint now, std::string_view address);  // the same

  config::CallPage options_;
  std::mutex mutex_;
  std::unordered_map<std::string, core::TimePoint> calls_;  // by id, until when they count
  std::deque<core::TimePoint> let_through_;                 // until when they count: those that have no id yet
  core::TimePoint looked_up_{};
  // By address: all calls that it may make lie before this moment, as in storage::RateLimiter.
  std::unordered_map<std::string, core::TimePoint> addresses_;
};

// Milliseconds that a stranger's call may last: short, whatever the agent allows, and no longer than it allows.
[[nodiscard]] double longest_call(const domain::AgentSettings& agent, std::chrono::seconds longest);

}  // namespace retell::app
