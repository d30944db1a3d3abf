// A progress bar on standard error: drawn in place on a terminal, one line at the end elsewhere.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace retell::app {

[[nodiscard]] std::string human_bytes(std::uint64_t bytes);  // "58.4 MB"

class ProgressBar {
 public:
  explicit ProgressBar(std::string name);
  // `total` 0: not known, only the amount is shown.
  void show(std::string_view stage, std::uint64_t done, std::uint64_t total);
  void finish(bool well);

 private:
  std::string name_;
  bool terminal_;
  std::uint64_t last_done_ = 0;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace retell::app
