// What benchmarks need of the machine: cores, time used, memory, quantiles.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace retell::benchmarks {

void pin_to_core(int core);                  // this thread and those it starts later; wraps around at the last core
[[nodiscard]] double cpu_seconds();          // of this process so far, user and system
[[nodiscard]] std::size_t resident_bytes();  // of this process now
[[nodiscard]] std::string machine();         // processor's name and number of cores, for the report
[[nodiscard]] double quantile(std::vector<double> values, double q);  // 0 for none

}  // namespace retell::benchmarks
