// What the server tells Amazon CloudWatch of itself, in the embedded metric format: JSON objects that are metrics when
// a log service reads them. Alarms, autoscaling and dashboard in infrastructure/terraform go by these names. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

namespace retell::app {

// The server at one moment. Counts are since its start.
struct CloudWatchFigures {
  double live_calls = 0;
  double calls_ended = 0;
  double calls_failed = 0;         // of those, with an error
  double call_setup_failures = 0;  // announced, and their media never came
  double late_frames = 0;
  double vendor_errors = 0;
  double spool_files = 0;                    // that wait for the bucket
  std::vector<double> caller_heard_ms = {};  // of each answer since the last time
};

class CloudWatchLines {
 public:
  // What the format allows of one metric in one object.
  static constexpr std::size_t most_values = 100;

  CloudWatchLines(std::string name_space, std::string service)
      : name_space_(std::move(name_space)), service_(std::move(service)) {}

  // One line, and more when there are more than `most_values` waits; without line ends. Counts become what was added
  // since the last call.
  [[nodiscard]] std::vector<std::string> next(const CloudWatchFigures& now, core::WallTime at);

  // Of all metrics.
  [[nodiscard]] static std::vector<std::string_view> names();

 private:
  std::string name_space_;
  std::string service_;
  CloudWatchFigures last_;
};

}  // namespace retell::app
