#include "engine/turn/idle_clock.hpp"

#include "engine/turn/soonest.hpp"

namespace retell::engine::turn {

void IdleClock::configure(const ConversationSettings& settings) {
  reminder_trigger_ = settings.reminder_trigger;
  max_reminders_ = settings.reminder_max_count;
  hang_up_after_ = settings.end_call_after_silence;
}

void IdleClock::idle(TimePoint now, bool agent_spoke) {
  agent_spoke_ = agent_spoke;
  if (idle_since_) return;
  idle_since_ = now;
  if (!silent_since_) silent_since_ = now;
}

void IdleClock::caller_said_something() {
  silent_since_.reset();
  idle_since_.reset();
  reminders_ = 0;
}

IdleClock::Due IdleClock::due(TimePoint now) {
  if (!idle_since_ || !silent_since_) return Due::nothing;
  if (now >= *silent_since_ + hang_up_after_) return Due::hang_up;
  if (may_remind() && now >= *idle_since_ + reminder_trigger_) {
    ++reminders_;
    busy();
    return Due::reminder;
  }
  return Due::nothing;
}

std::optional<TimePoint> IdleClock::deadline(TimePoint now) const {
  Soonest next(now);
  if (idle_since_ && silent_since_) {
    next.at(*silent_since_ + hang_up_after_);
    if (may_remind()) next.at(*idle_since_ + reminder_trigger_);
  }
  return next.when();
}

}  // namespace retell::engine::turn
