// Ids that sort in the order in which this process made them, even when the clock is set back. Any thread.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "core/ids.hpp"

namespace retell::services {

class OrderedIds {
 public:
  explicit OrderedIds(std::string prefix) : prefix_(std::move(prefix)) {}
  [[nodiscard]] std::string next(std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    count_ = now_ms > last_ms_ ? 0 : count_ + 1;
    last_ms_ = now_ms > last_ms_ ? now_ms : last_ms_;
    return fmt::format("{}{:013}_{:06}_{}", prefix_, last_ms_, count_, core::make_id("", 4));
  }

 private:
  std::string prefix_;
  std::mutex mutex_;
  std::int64_t last_ms_ = 0;
  std::uint64_t count_ = 0;  // tells those of one millisecond apart
};

}  // namespace retell::services
