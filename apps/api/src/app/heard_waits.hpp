// How long callers waited for each answer, value by value, until somebody takes them. Any thread; calls add theirs when
// they end.
#pragma once
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace retell::app {

class HeardWaits {
 public:
  // What is more than these is not kept: several times the answers that a full process gives in a minute.
  static constexpr std::size_t most = 10'000;

  void add(double milliseconds) {
    const std::lock_guard lock(mutex_);
    if (values_.size() < most) values_.push_back(milliseconds);
  }
  [[nodiscard]] std::vector<double> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(values_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<double> values_;
};

}  // namespace retell::app
