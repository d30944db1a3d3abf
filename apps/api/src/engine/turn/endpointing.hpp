// How long a silence must last before the turn is the agent's. Pure arithmetic on evidence, plus what is learned of the
// caller's own rhythm. Sources of the bounds: LiveKit agents (0.3/2.5 s with a learned detector, 0.5/3.0 s without;
// pauses averaged with weight 0.9).
#pragma once
#include <optional>

#include "core/clock.hpp"
#include "engine/turn/settings.hpp"
#include "text/turn_text.hpp"

namespace retell::engine::turn {

class Endpointing {
 public:
  struct Evidence {
    text::TurnText words;           // of the whole open turn
    std::optional<double> verdict;  // the learned detector's, in time
  };

  explicit Endpointing(const ConversationSettings& settings);
  void configure(const ConversationSettings& settings);

  // The caller paused for so long in the middle of a turn.
  void paused(Millis pause);
  // The turn was taken too early: the caller went on after `pause`, before hearing anything.
  void cut_off(Millis pause);

  // Silence after the last voiced sample that ends the turn.
  [[nodiscard]] Millis delay(const Evidence& evidence) const;
  // 0: surely goes on, 1: surely over.
  [[nodiscard]] static double confidence(const Evidence& evidence);

 private:
  double responsiveness_ = 1.0;
  bool follow_rhythm_ = false;
  bool learned_ = false;
  double usual_pause_ms_ = 0;  // moving average of the pauses taken into account; 0: none yet
};

}  // namespace retell::engine::turn
