// What benchmarks give: figures with names, each reproducible by `retell bench NAME`.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/result.hpp"

namespace retell::app {

struct Figure {
  std::string name;
  double value = 0;
  std::string note;
};
using Figures = std::vector<Figure>;

// The value below which `fraction` of them lie; 0 for none.
[[nodiscard]] inline double percentile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto index = static_cast<std::size_t>(std::lround(fraction * static_cast<double>(values.size() - 1)));
  return values[std::min(index, values.size() - 1)];
}

[[nodiscard]] core::Result<Figures> bench_vad();
[[nodiscard]] core::Result<Figures> bench_local(const config::Config& config);
[[nodiscard]] core::Result<Figures> bench_barge_in(const config::Config& config);

}  // namespace retell::app
