// It is the agent's turn and nothing sounds. A ladder whatever the cause: a filler, then the fall-back, a
// filler for its time too, then giving up.
// A running tool has its own time, with fillers on the way. The rungs are climbed once per silence; only the reply's
// own audio brings them back, a filler does not. A turn that is begun anew, a fall-back and a tool's end give their
// vendor its full time again, but the caller has been waiting all along: the first filler comes by that.
#pragma once
#include <optional>

#include "core/clock.hpp"
#include "engine/turn/settings.hpp"

namespace retell::engine::turn {

class SilenceWatchdog {
 public:
  enum class Rung : std::uint8_t { none, filler, fail_over, second_filler, give_up };

  explicit SilenceWatchdog(Millis patience) : patience_(patience) {}
  void configure(Millis patience) { patience_ = patience; }

  // Nothing has sounded since `since`; repeated calls while it lasts change nothing.
  void silent(TimePoint since);
  // The reply sounds, or is over.
  void sounds() {
    since_.reset();
    quiet_since_.reset();
  }
  // The reply is held on purpose, so that the caller can speak: that time does not count.
  void hold(TimePoint now) { held_at_ = now; }
  void release(TimePoint now);
  void begin_turn();
  // The reply's own audio came: back to the first rung.
  void progress();
  // The fall-back has just been asked for another reason (a vendor's error): it gets its full time.
  void failed_over(TimePoint now);

  // Tools run until `limit` at the latest.
  void tool_runs(TimePoint since, TimePoint limit);
  void tool_ended(TimePoint now);

  [[nodiscard]] Rung climb(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> deadline(TimePoint now) const;
  [[nodiscard]] bool tool_running() const { return tool_limit_.has_value(); }

 private:
  [[nodiscard]] Millis height(Rung rung) const;  // silence up to it
  [[nodiscard]] Rung next_rung() const { return static_cast<Rung>(static_cast<int>(last_) + 1); }
  [[nodiscard]] TimePoint due(Rung rung) const;  // while since_

  Millis patience_;
  std::optional<TimePoint> since_;
  std::optional<TimePoint> quiet_since_;  // the caller has waited, and not been told so; at most since_
  std::optional<TimePoint> held_at_;
  Rung last_ = Rung::none;
  std::optional<TimePoint> tool_limit_;
  TimePoint next_tool_filler_{};
};

}  // namespace retell::engine::turn
