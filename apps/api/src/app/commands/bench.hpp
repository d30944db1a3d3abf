// retell bench NAME: measures and prints a table, or one JSON object {name, machine, figures}.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace retell::app {

struct BenchOptions {
  bool json = false;
  int calls = 0;  // at a time; 0: what the benchmark does by itself
  int seconds = 10;
};

[[nodiscard]] std::vector<std::pair<std::string, std::string>> bench_names();  // name, one line of help
int bench(const config::Config& config, const std::string& name, const BenchOptions& options);

}  // namespace retell::app
