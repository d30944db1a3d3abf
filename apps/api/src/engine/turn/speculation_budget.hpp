// Whether to ask the model before the turn is surely over. Wrong guesses cost tokens: at most three a turn (LiveKit's
// figure), and none at all for the rest of the call once too few have been right.
#pragma once

namespace retell::engine::turn {

class SpeculationBudget {
 public:
  void allow(bool wanted) { wanted_ = wanted; }
  void new_turn() { tries_ = 0; }
  [[nodiscard]] bool may_try() const {
    return wanted_ && tries_ < tries_per_turn && (seen_ < enough || rate_ >= worth);
  }
  void tried() { ++tries_; }
  void judged(bool right) {
    ++seen_;
    rate_ = (1 - weight) * rate_ + weight * (right ? 1.0 : 0.0);
  }
  [[nodiscard]] double hit_rate() const { return rate_; }

 private:
  static constexpr int tries_per_turn = 3;
  static constexpr int enough = 8;       // guesses before the rate is believed
  static constexpr double worth = 0.35;  // below it the extra tokens are not worth the time won
  static constexpr double weight = 0.15;

  bool wanted_ = true;
  int tries_ = 0;
  int seen_ = 0;
  double rate_ = 1.0;
};

}  // namespace retell::engine::turn
