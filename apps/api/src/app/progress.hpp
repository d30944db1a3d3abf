// A progress bar on standard error: drawn in place on a terminal; elsewhere, in a log, a line for every tenth.
#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace retell::app {

[[nodiscard]] std::string human_bytes(std::uint64_t bytes);  // "58.4 MB"

class ProgressBar {
 public:
  explicit ProgressBar(std::string name);
  ProgressBar(std::string name, std::FILE* out, bool terminal);
  // `total` 0: not known, only the amount is shown.
  void show(std::string_view stage, std::uint64_t done, std::uint64_t total);
  void finish(bool well);

 private:
  void draw(std::string_view stage, std::uint64_t done, std::uint64_t total);
  void log(std::string_view stage, std::uint64_t done, std::uint64_t total);

  std::string name_;
  std::FILE* out_;
  bool terminal_;
  std::uint64_t logged_ = 0;  // steps of the amount that have been told
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace retell::app
