#include "app/progress.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <unistd.h>

namespace retell::app {

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<const char*, 4> units{"B", "kB", "MB", "GB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1000 && unit + 1 < units.size()) {
    amount /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, units.at(unit));
}

ProgressBar::ProgressBar(std::string name) : name_(std::move(name)), terminal_(::isatty(STDERR_FILENO) == 1) {
  if (!terminal_) fmt::print(stderr, "{}: fetching\n", name_);
}

void ProgressBar::show(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  last_done_ = std::max(last_done_, done);
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  constexpr std::uint64_t width = 30;
  std::string bar;
  if (total > 0) {
    const auto full = std::min(width, done * width / total);
    bar = fmt::format("[{}{}] {:>3}%", std::string(full, '='), std::string(width - full, ' '),
                      std::min<std::uint64_t>(100, done * 100 / total));
  }
  fmt::print(stderr, "\r\033[K{:<24} {:<10} {} {}", name_, stage, bar, done > 0 ? human_bytes(done) : "");
  std::fflush(stderr);
}

void ProgressBar::finish(bool well) {
  if (terminal_) fmt::print(stderr, "\r\033[K");
  fmt::print(stderr, "{}: {}\n", name_, well ? "ready" : "failed");
}

}  // namespace retell::app
