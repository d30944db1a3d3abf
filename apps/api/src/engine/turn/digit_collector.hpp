// Keys pressed one by one, until the sequence is complete: by its length, by the closing key, or by a pause.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "engine/turn/settings.hpp"

namespace retell::engine::turn {

class DigitCollector {
 public:
  void configure(const DigitOptions& options) { options_ = options; }

  void press(char digit, TimePoint now) {
    if (complete(now)) return;  // nobody has taken the last sequence yet; a new one would be mixed up with it
    if (digit == options_.termination_key) {
      closed_ = !digits_.empty();
    } else {
      digits_ += digit;
      closed_ = static_cast<int>(digits_.size()) >= options_.digit_limit;
    }
    due_ = now + options_.timeout;
  }
  [[nodiscard]] bool empty() const { return digits_.empty(); }
  [[nodiscard]] bool complete(TimePoint now) const { return !digits_.empty() && (closed_ || now >= due_); }
  [[nodiscard]] std::optional<TimePoint> deadline() const {
    return digits_.empty() ? std::nullopt : std::optional(due_);
  }
  [[nodiscard]] std::string take() {
    closed_ = false;
    return std::exchange(digits_, {});
  }

 private:
  DigitOptions options_;
  std::string digits_;
  bool closed_ = false;
  TimePoint due_{};
};

}  // namespace retell::engine::turn
