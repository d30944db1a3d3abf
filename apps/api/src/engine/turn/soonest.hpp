// The earliest of several times that still lie ahead: how the parts of the core answer "when must you look again?".
#pragma once
#include <algorithm>
#include <optional>

#include "core/clock.hpp"

namespace retell::engine::turn {

class Soonest {
 public:
  explicit Soonest(core::TimePoint now) : now_(now) {}

  void at(core::TimePoint time) {
    if (time > now_) when_ = when_ ? std::min(*when_, time) : time;
  }
  void at(std::optional<core::TimePoint> time) {
    if (time) at(*time);
  }
  [[nodiscard]] std::optional<core::TimePoint> when() const { return when_; }

 private:
  core::TimePoint now_;
  std::optional<core::TimePoint> when_;
};

}  // namespace retell::engine::turn
