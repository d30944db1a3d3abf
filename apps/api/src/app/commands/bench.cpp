#include "app/commands/bench.hpp"

#include <fmt/core.h>

#include <fstream>
#include <thread>

#include "app/commands/bench_figures.hpp"
#include "app/commands/common.hpp"
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
  return {{"vad", "Cost of voice activity detection for each 32 ms window"},
          {"local", "Voice to voice with local models only, on spoken turns, with the word error rate"},
          {"barge-in", "From the caller's first word to silence at the far end, and false cancels"}};
}

int bench(const config::Config& config, const std::string& name, const BenchOptions& options) {
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
  for (const auto& figure : *figures) fmt::print("  {:<32} {:>12.1f}  {}\n", figure.name, figure.value, figure.note);
  return 0;
}

}  // namespace retell::app
