#include "app/figures_publisher.hpp"

#include <cerrno>
#include <unistd.h>
#include <utility>

namespace retell::app {

FiguresPublisher::FiguresPublisher(CloudWatchLines lines, std::chrono::milliseconds interval, Take take, Write write,
                                   core::Logger log)
    : lines_(std::move(lines)), take_(std::move(take)), write_(std::move(write)), log_(std::move(log)) {
  thread_.start("figures", [this, interval] { return run(interval); });
}

FiguresPublisher::~FiguresPublisher() {
  thread_.stop();
  publish();
}

core::Task<void> FiguresPublisher::run(std::chrono::milliseconds interval) {
  for (;;) {
    co_await core::sleep_for(interval);
    publish();
  }
}

void FiguresPublisher::publish() {
  bool written = true;
  for (const auto& line : lines_.next(take_(), std::chrono::system_clock::now())) written = write_(line) && written;
  if (!written && !broken_) log_.warn("figures for CloudWatch cannot be written to standard output");
  broken_ = !written;
}

bool write_to_stdout(const std::string& line) {
  // In one piece, so that other writers of a shared pipe do not come between.
  const auto text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = ::write(STDOUT_FILENO, text.data() + sent, text.size() - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace retell::app
