// Ids that sort in the order in which this process made them, even when the clock is set back. Any thread.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "core/ids.hpp"

namespace retell::services {

class OrderedIds {
 public:
  explicit OrderedIds(std::string prefix) : prefix_(std::move(prefix)) {}
  // Whether `id` has the form of those made here: it has a place among them then, whether or not it is still there.
  [[nodiscard]] bool is_one(std::string_view id) const {
    constexpr std::size_t digits_of_time = 13;
    if (!id.starts_with(prefix_)) return false;
    const auto time = id.substr(prefix_.size(), digits_of_time);
    return time.size() == digits_of_time && time.find_first_not_of("0123456789") == std::string_view::npos;
  }
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
