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

ProgressBar::ProgressBar(std::string name) : ProgressBar(std::move(name), stderr, ::isatty(STDERR_FILENO) == 1) {}

ProgressBar::ProgressBar(std::string name, std::FILE* out, bool terminal)
    : name_(std::move(name)), out_(out), terminal_(terminal) {
  if (!terminal_) fmt::print(out_, "{}: fetching\n", name_);
}

void ProgressBar::show(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  if (terminal_)
    draw(stage, done, total);
  else
    log(stage, done, total);
}

void ProgressBar::draw(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  constexpr std::uint64_t width = 30;
  std::string bar;
  if (total > 0) {
    const auto full = std::min(width, done * width / total);
    bar = fmt::format("[{}{}] {:>3}%", std::string(full, '='), std::string(width - full, ' '),
                      std::min<std::uint64_t>(100, done * 100 / total));
  }
  fmt::print(out_, "\r\033[K{:<24} {:<10} {} {}", name_, stage, bar, done > 0 ? human_bytes(done) : "");
  std::fflush(out_);
}

void ProgressBar::log(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  if (stage != "fetching") return;  // the rest takes seconds
  constexpr std::uint64_t unknown_step = 50'000'000;
  const auto step = total > 0 ? std::max<std::uint64_t>(1, total / 10) : unknown_step;
  const auto reached = done / step;
  // One of several files, or parts of one, begins at nothing again.
  if (reached < logged_) logged_ = 0;
  if (reached <= logged_ || (total > 0 && done >= total)) return;
  logged_ = reached;
  fmt::print(out_, "{}: {}{}\n", name_, human_bytes(done),
             total > 0 ? fmt::format(" of {}, {} %", human_bytes(total), done * 100 / total) : "");
  std::fflush(out_);
}

void ProgressBar::finish(bool well) {
  if (terminal_) fmt::print(out_, "\r\033[K");
  fmt::print(out_, "{}: {}\n", name_, well ? "ready" : "failed");
  std::fflush(out_);
}

}  // namespace retell::app
