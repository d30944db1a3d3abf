#include "app/commands/bench.hpp"

#include <fmt/core.h>

#include <cmath>
#include <fstream>
#include <thread>

#include "app/commands/bench_figures.hpp"
#include "app/commands/common.hpp"
#include "app/commands/speech.hpp"
#include "benchmarks/call_benchmarks.hpp"
#include "core/log.hpp"
#include "json/text.hpp"

namespace retell::app {

std::string machine_name() {
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  std::string model = "unknown processor";
  while (std::getline(info, line)) {
    if (line.rfind("model name", 0) == 0) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  return fmt::format("{}, {} cores", model, std::thread::hardware_concurrency());
}

std::vector<std::pair<std::string, std::string>> bench_names() {
  return {{"density", "Live calls on one core with scripted remote vendors: the largest number on time"},
          {"added-latency", "What a call adds to its vendors' own times, at 1, 50 and 200 calls"},
          {"vad", "Cost of voice activity detection for each 32 ms window"},
          {"local", "Voice to voice with local models only, on spoken turns, with the word error rate"},
          {"barge-in", "From the caller's first word to silence at the far end, and false cancels"}};
}

namespace {

// These fork their load off, so nothing here may have started a thread.
int bench_load(const std::string& name, const BenchOptions& options) {
  benchmarks::CallBenchOptions load;
  auto speech = speak("I would like to know whether my order has been sent, and when it will arrive.", "slt");
  if (!speech) return tell(speech.error());
  load.speech = std::move(*speech);
  load.seconds = options.seconds;
  load.calls = options.calls;
  if (!options.json) load.on_progress = [](const std::string& line) { fmt::print("{}\n", line); };
  const auto print = [&](const auto& result) {
    if (options.json) {
      fmt::print("{}\n", to_json(result));
      return;
    }
    fmt::print("{} on {}\n{:>6} {:>13} {:>8} {:>10} {:>12} {:>9} {:>9}\n", name, result.machine, "calls",
               "lateness p99", "core %", "us/frame", "KiB a call", "added p50", "added p99");
    for (const auto& step : result.steps) {
      fmt::print("{:>6} {:>10.1f} ms {:>8.0f} {:>10.1f} {:>12.0f} {:>6.1f} ms {:>6.1f} ms\n", step.calls,
                 step.frame_lateness_p99_ms, step.server_core_percent, step.us_per_call_frame,
                 step.bytes_per_call / 1024, step.added_ms_p50, step.added_ms_p99);
    }
  };
  if (name == "density") {
    const auto result = benchmarks::density(load);
    print(result);
    if (!options.json) fmt::print("calls_per_core {}\n", result.calls_per_core);
  } else {
    print(benchmarks::added_latency(load));
  }
  return 0;
}

}  // namespace

int bench(const config::Config& config, const std::string& name, const BenchOptions& options) {
  if (name == "density" || name == "added-latency") return bench_load(name, options);
  core::init_log(core::LogLevel::error, core::LogFormat::text);
  core::Result<Figures> figures = core::fail(core::ErrorCode::invalid, "no such benchmark: " + name);
  if (name == "vad")
    figures = bench_vad();
  else if (name == "local")
    figures = bench_local(config);
  else if (name == "barge-in")
    figures = bench_barge_in(config);
  if (!figures) return tell(figures.error());
  if (options.json) {
    json::Object values;
    for (const auto& figure : *figures) values[figure.name] = figure.value;
    fmt::print("{}\n",
               json::dump(json::Object{{"name", name}, {"machine", machine_name()}, {"figures", std::move(values)}}));
    return 0;
  }
  fmt::print("{} on {}\n", name, machine_name());
  for (const auto& figure : *figures) {
    const int digits = std::abs(figure.value) < 10 && figure.value != std::round(figure.value) ? 3 : 1;
    fmt::print("  {:<32} {:>12.{}f}  {}\n", figure.name, figure.value, digits, figure.note);
  }
  return 0;
}

}  // namespace retell::app
