#include "benchmarks/call_benchmarks.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <unistd.h>

#include "benchmarks/call_server.hpp"
#include "benchmarks/load_process.hpp"
#include "benchmarks/machine.hpp"

namespace retell::benchmarks {

namespace {

constexpr int server_core = 0;
constexpr int load_core = 1;
constexpr double late_ms = 10;
constexpr int most_calls = 1'000;
constexpr auto settle = std::chrono::seconds(12);  // calls connect, have spoken, and the recordings get going

class Bench {
 public:
  explicit Bench(const CallBenchOptions& options)
      : options_(options),
        folder_(std::filesystem::temp_directory_path() / fmt::format("retell-bench-{}", ::getpid())),
        load_(load_core, VendorTimes{}, options.speech) {
    std::filesystem::create_directories(folder_);
    server_.emplace(server_core, load_.vendor_port(), folder_.string());
    empty_ = resident_bytes();
  }
  ~Bench() {
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  // Goes on to `calls` live calls and measures.
  CallStep step(int calls) {
    load_.call(server_->port(), static_cast<std::uint32_t>(calls));
    std::this_thread::sleep_for(settle + std::chrono::milliseconds(5 * calls));
    (void)load_.take();
    (void)server_->take();
    // A call takes about ten seconds for a turn: few calls are watched for longer.
    std::this_thread::sleep_for(std::chrono::seconds(std::max(options_.seconds, std::min(40, 400 / calls))));
    const auto server = server_->take();
    const auto load = load_.take();
    CallStep step;
    step.calls = calls;
    step.server_lateness_p99_ms = server.frame_lateness_p99_ms;
    step.far_end_lateness_p99_ms = load.lateness_p99_ms;
    step.frame_lateness_p99_ms = std::max(server.frame_lateness_p99_ms, load.lateness_p99_ms);
    step.generator_lateness_p99_ms = load.own_lateness_p99_ms;
    step.server_core_percent = server.core_percent;
    step.generator_core_percent = load.core_percent;
    step.us_per_call_frame = server.core_percent * 200.0 / calls;  // a percent of 20 ms is 200 us
    step.bytes_per_call = (static_cast<double>(resident_bytes()) - static_cast<double>(empty_)) / calls;
    step.added_ms_p50 = load.added_p50_ms;
    step.added_ms_p99 = load.added_p99_ms;
    step.turns = load.turns;
    step.measured_turns = load.measured_turns;
    step.lost_calls = load.lost_calls + (static_cast<std::uint64_t>(calls) -
                                         std::min<std::uint64_t>(load.live_calls, static_cast<std::uint64_t>(calls)));
    if (options_.on_progress) {
      options_.on_progress(fmt::format(
          "{:4} calls: frames late p99 {:.1f} ms (clock {:.1f}, far end {:.1f}, generator's clock {:.1f}), server "
          "{:.0f} % "
          "of a core ({:.0f} us a frame), generator {:.0f} %, {:.0f} KiB a call, {} turns, added p50 {:.1f} p99 {:.1f} "
          "ms, "
          "{} lost",
          calls, step.frame_lateness_p99_ms, step.server_lateness_p99_ms, step.far_end_lateness_p99_ms,
          step.generator_lateness_p99_ms, step.server_core_percent, step.us_per_call_frame, step.generator_core_percent,
          step.bytes_per_call / 1024, step.turns, step.added_ms_p50, step.added_ms_p99, step.lost_calls));
    }
    return step;
  }

 private:
  const CallBenchOptions& options_;
  std::filesystem::path folder_;
  LoadProcess load_;  // forked before the server starts its threads
  std::optional<CallServer> server_;
  std::size_t empty_ = 0;
};

bool good(const CallStep& step) { return step.frame_lateness_p99_ms < late_ms && step.lost_calls == 0; }

boost::json::object figures_of(const CallStep& step) {
  return {{"calls", step.calls},
          {"frame_lateness_ms_p99", step.frame_lateness_p99_ms},
          {"server_lateness_ms_p99", step.server_lateness_p99_ms},
          {"far_end_lateness_ms_p99", step.far_end_lateness_p99_ms},
          {"generator_lateness_ms_p99", step.generator_lateness_p99_ms},
          {"server_core_percent", step.server_core_percent},
          {"generator_core_percent", step.generator_core_percent},
          {"us_per_call_frame", step.us_per_call_frame},
          {"bytes_per_call", step.bytes_per_call},
          {"added_ms_p50", step.added_ms_p50},
          {"added_ms_p99", step.added_ms_p99},
          {"turns", step.turns},
          {"measured_turns", step.measured_turns},
          {"lost_calls", step.lost_calls}};
}

std::string report(std::string_view name, const std::string& machine, boost::json::object figures,
                   const std::vector<CallStep>& steps) {
  boost::json::array series;
  for (const auto& step : steps) series.push_back(figures_of(step));
  figures["steps"] = std::move(series);
  return boost::json::serialize(
      boost::json::object{{"name", name}, {"machine", machine}, {"figures", std::move(figures)}});
}

}  // namespace

// Climbs in steps of 50 while all is well.
DensityResult density(const CallBenchOptions& options) {
  DensityResult result;
  result.machine = machine();
  Bench bench(options);
  constexpr int stride = 50;
  for (int calls = options.calls > 0 ? options.calls : stride; calls <= most_calls; calls += stride) {
    result.steps.push_back(bench.step(calls));
    const auto& step = result.steps.back();
    if (!good(step)) break;
    result.calls_per_core = calls;
    result.bytes_per_call = step.bytes_per_call;
    if (options.calls > 0) break;
  }
  return result;
}

AddedLatencyResult added_latency(const CallBenchOptions& options) {
  AddedLatencyResult result;
  result.machine = machine();
  Bench bench(options);
  const std::vector<int> series = options.calls > 0 ? std::vector<int>{options.calls} : std::vector<int>{1, 50, 200};
  for (const int calls : series) result.steps.push_back(bench.step(calls));
  return result;
}

std::string to_json(const DensityResult& result) {
  return report("density", result.machine,
                {{"calls_per_core", result.calls_per_core}, {"bytes_per_call", result.bytes_per_call}}, result.steps);
}

std::string to_json(const AddedLatencyResult& result) {
  boost::json::object figures;
  for (const auto& step : result.steps) {
    figures[fmt::format("added_ms_p50_{}_calls", step.calls)] = step.added_ms_p50;
    figures[fmt::format("added_ms_p99_{}_calls", step.calls)] = step.added_ms_p99;
  }
  if (!result.steps.empty()) {
    figures["added_ms_p50"] = result.steps.back().added_ms_p50;
    figures["added_ms_p99"] = result.steps.back().added_ms_p99;
  }
  return report("added-latency", result.machine, std::move(figures), result.steps);
}

}  // namespace retell::benchmarks
