// The caller's silence while it is the caller's turn: reminders after each of the agent's turns, and the end of the
// call when it has lasted too long. Reminders do not make the silence shorter; the caller's words do.
#pragma once
#include <optional>

#include "core/clock.hpp"
#include "engine/turn/settings.hpp"

namespace retell::engine::turn {

class IdleClock {
 public:
  enum class Due : std::uint8_t { nothing, reminder, hang_up };

  explicit IdleClock(const ConversationSettings& settings) { configure(settings); }
  void configure(const ConversationSettings& settings);

  // Nobody speaks and nothing is pending. `agent_spoke`: ever, in this call; before that there is nothing to remind of.
  void idle(TimePoint now, bool agent_spoke);
  void busy() { idle_since_.reset(); }
  // The caller said something (words or keys): the silence starts anew and so does the count of reminders.
  void caller_said_something();
  // An answer, not a reminder, was heard to its end: the caller's silence begins here.
  void agent_answered() { silent_since_.reset(); }

  [[nodiscard]] Due due(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> deadline(TimePoint now) const;

 private:
  [[nodiscard]] bool may_remind() const { return agent_spoke_ && reminders_ < max_reminders_; }

  Millis reminder_trigger_{0};
  int max_reminders_ = 0;
  Millis hang_up_after_{0};
  std::optional<TimePoint> idle_since_;
  std::optional<TimePoint> silent_since_;
  bool agent_spoke_ = false;
  int reminders_ = 0;
};

}  // namespace retell::engine::turn
