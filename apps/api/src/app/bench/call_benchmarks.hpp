// `retell bench density` and `retell bench added-latency`: real calls on one core against scripted vendors, the load in
// a process on another core. Call these before the program has started threads: the load is forked off.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace retell::benchmarks {

struct CallBenchOptions {
  std::vector<std::int16_t> speech;                     // 8 kHz: what the callers say; a few seconds of a real voice
  int seconds = 10;                                     // of measuring at each step
  int calls = 0;                                        // measure this number alone; 0: the series
  std::function<void(const std::string&)> on_progress;  // one line for each step; may be empty
};

struct CallStep {
  int calls = 0;
  double frame_lateness_p99_ms = 0;  // the worse of the media clock's and what the far ends saw
  double server_lateness_p99_ms = 0;
  double far_end_lateness_p99_ms = 0;
  double generator_lateness_p99_ms = 0;  // of the load's own clock: large means that it is the limit
  double server_core_percent = 0;
  double generator_core_percent = 0;
  double us_per_call_frame = 0;  // server CPU for 20 ms of one call
  double bytes_per_call = 0;     // resident memory since before the first call
  double added_ms_p50 = 0;
  double added_ms_p99 = 0;
  std::uint64_t turns = 0;
  std::uint64_t measured_turns = 0;  // of which the added time is known
  std::uint64_t lost_calls = 0;
};

struct DensityResult {
  std::string machine;
  int calls_per_core = 0;  // largest number with p99 frame lateness under 10 ms and no call lost
  double bytes_per_call = 0;
  std::vector<CallStep> steps;
};
[[nodiscard]] DensityResult density(const CallBenchOptions& options);

struct AddedLatencyResult {
  std::string machine;
  std::vector<CallStep> steps;  // at 1, 50 and 200 calls
};
[[nodiscard]] AddedLatencyResult added_latency(const CallBenchOptions& options);

// {"name":…,"machine":…,"figures":{…}}
[[nodiscard]] std::string to_json(const DensityResult& result);
[[nodiscard]] std::string to_json(const AddedLatencyResult& result);

}  // namespace retell::benchmarks
