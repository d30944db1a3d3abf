#include "engine/turn/silence_watchdog.hpp"

#include <algorithm>

#include "engine/turn/soonest.hpp"

namespace retell::engine::turn {
namespace {

constexpr Millis first_tool_filler{3'000};
constexpr Millis quick_tool{1'500};
constexpr Millis later_tool_fillers{6'000};
constexpr Millis tool_grace{2'000};  // beyond the tool's own time-out: its result is on the way
constexpr Millis quick_answer{800};  // of a model that was asked anew: a filler would only delay it

}  // namespace

void SilenceWatchdog::silent(TimePoint since) {
  if (since_) return;
  since_ = since;
  if (!quiet_since_ && last_ == Rung::none) quiet_since_ = since;
}

void SilenceWatchdog::release(TimePoint now) {
  if (since_ && held_at_) *since_ += now - *held_at_;
  if (quiet_since_ && held_at_) *quiet_since_ += now - *held_at_;
  held_at_.reset();
}

void SilenceWatchdog::begin_turn() {
  since_.reset();
  last_ = Rung::none;
  held_at_.reset();
  tool_limit_.reset();
}

void SilenceWatchdog::progress() {
  sounds();
  last_ = Rung::none;
}

void SilenceWatchdog::failed_over(TimePoint now) {
  since_ = now - patience_;  // as if that rung had just been reached
  last_ = Rung::fail_over;
}

void SilenceWatchdog::tool_runs(TimePoint since, TimePoint limit) {
  // Silence before the tool counts, but the tool gets a moment to be quick.
  if (!tool_limit_) next_tool_filler_ = std::max(quiet_since_.value_or(since) + first_tool_filler, since + quick_tool);
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

TimePoint SilenceWatchdog::due(Rung rung) const {
  const TimePoint usual = *since_ + height(rung);
  if (!quiet_since_ || (rung != Rung::filler && rung != Rung::second_filler)) return usual;
  const TimePoint asked = rung == Rung::filler ? *since_ : *since_ + height(Rung::fail_over);
  return std::min(usual, std::max(*quiet_since_ + height(Rung::filler), asked + quick_answer));
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
      quiet_since_.reset();
      return Rung::filler;
    }
    return Rung::none;
  }
  if (!since_ || last_ == Rung::give_up) return Rung::none;
  const Rung next = next_rung();
  if (now < due(next)) return Rung::none;
  last_ = next;
  if (next == Rung::filler || next == Rung::second_filler) quiet_since_.reset();
  return next;
}

std::optional<TimePoint> SilenceWatchdog::deadline(TimePoint now) const {
  if (held_at_) return std::nullopt;
  Soonest next(now);
  if (tool_limit_) {
    next.at(*tool_limit_ + tool_grace);
    if (since_) next.at(next_tool_filler_);
  } else if (since_ && last_ != Rung::give_up) {
    next.at(due(next_rung()));
  }
  return next.when();
}

}  // namespace retell::engine::turn
