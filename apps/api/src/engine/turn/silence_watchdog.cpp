#include "engine/turn/silence_watchdog.hpp"

#include <algorithm>

#include "engine/turn/soonest.hpp"

namespace retell::engine::turn {
namespace {

constexpr Millis first_tool_filler{3'000};
constexpr Millis quick_tool{1'500};
constexpr Millis later_tool_fillers{6'000};
constexpr Millis tool_grace{2'000};  // beyond the tool's own time-out: its result is on the way

}  // namespace

void SilenceWatchdog::silent(TimePoint since) {
  if (!since_) since_ = since;
}

void SilenceWatchdog::release(TimePoint now) {
  if (since_ && held_at_) *since_ += now - *held_at_;
  held_at_.reset();
}

void SilenceWatchdog::begin_turn() {
  progress();
  held_at_.reset();
  tool_limit_.reset();
}

void SilenceWatchdog::progress() {
  since_.reset();
  last_ = Rung::none;
}

void SilenceWatchdog::failed_over(TimePoint now) {
  since_ = now - patience_;  // as if that rung had just been reached
  last_ = Rung::fail_over;
}

void SilenceWatchdog::tool_runs(TimePoint since, TimePoint limit) {
  // Silence before the tool counts, but the tool gets a moment to be quick.
  if (!tool_limit_) next_tool_filler_ = std::max(since_.value_or(since) + first_tool_filler, since + quick_tool);
  tool_limit_ = std::max(tool_limit_.value_or(limit), limit);
}

void SilenceWatchdog::tool_ended(TimePoint now) {
  tool_limit_.reset();
  if (since_) since_ = now;
  last_ = Rung::none;
}

Millis SilenceWatchdog::height(Rung rung) const {
  switch (rung) {
    case Rung::filler:
      return patience_ / 2;
    case Rung::fail_over:
      return patience_;
    case Rung::second_filler:
      return patience_ + patience_ / 2;
    default:
      return 2 * patience_;
  }
}

SilenceWatchdog::Rung SilenceWatchdog::climb(TimePoint now) {
  if (held_at_) return Rung::none;
  if (tool_limit_) {
    if (now >= *tool_limit_ + tool_grace) {
      tool_limit_.reset();
      failed_over(now);
      return Rung::fail_over;
    }
    if (since_ && now >= next_tool_filler_) {
      next_tool_filler_ = now + later_tool_fillers;
      return Rung::filler;
    }
    return Rung::none;
  }
  if (!since_ || last_ == Rung::give_up) return Rung::none;
  const auto next = static_cast<Rung>(static_cast<int>(last_) + 1);
  if (now < *since_ + height(next)) return Rung::none;
  last_ = next;
  return next;
}

std::optional<TimePoint> SilenceWatchdog::deadline(TimePoint now) const {
  if (held_at_) return std::nullopt;
  Soonest next(now);
  if (tool_limit_) {
    next.at(*tool_limit_ + tool_grace);
    if (since_) next.at(next_tool_filler_);
  } else if (since_ && last_ != Rung::give_up) {
    next.at(*since_ + height(static_cast<Rung>(static_cast<int>(last_) + 1)));
  }
  return next.when();
}

}  // namespace retell::engine::turn
