#include "engine/turn/endpointing.hpp"

#include <algorithm>

namespace retell::engine::turn {
namespace {

constexpr double sure = 0.8;      // from this confidence on the shortest delay holds
constexpr double hopeless = 0.2;  // up to this confidence the longest
constexpr double shortest_ms = 300;
constexpr double shortest_unlearned_ms = 500;
constexpr double longest_ms = 2'500;
constexpr double longest_unlearned_ms = 3'000;
// A number being dictated: people breathe between its groups.
constexpr double dictation_shortest_ms = 1'200;
constexpr double dictation_longest_ms = 4'000;
// What responsiveness 0 adds.
constexpr double patience_ms = 1'500;
// The learned rhythm never asks for more than this as the shortest delay.
constexpr double slowest_rhythm_ms = 1'500;
constexpr double rhythm_margin = 1.1;
constexpr double average_weight = 0.9;  // LiveKit's filter
constexpr double cut_off_weight = 0.5;  // having talked over somebody weighs more
constexpr double verdict_weight = 0.6;

}  // namespace

Endpointing::Endpointing(const ConversationSettings& settings) { configure(settings); }

void Endpointing::configure(const ConversationSettings& settings) {
  responsiveness_ = std::clamp(settings.responsiveness, 0.0, 1.0);
  follow_rhythm_ = settings.enable_dynamic_responsiveness;
  learned_ = settings.end_of_turn_model;
}

void Endpointing::paused(Millis pause) {
  if (!follow_rhythm_) return;
  const double old = usual_pause_ms_ > 0 ? usual_pause_ms_ : shortest_ms;
  usual_pause_ms_ = average_weight * old + (1 - average_weight) * static_cast<double>(pause.count());
}

void Endpointing::cut_off(Millis pause) {
  const double old = usual_pause_ms_ > 0 ? usual_pause_ms_ : shortest_ms;
  usual_pause_ms_ = (1 - cut_off_weight) * old + cut_off_weight * static_cast<double>(pause.count());
}

double Endpointing::confidence(const Evidence& evidence) {
  const auto words = static_cast<double>(evidence.words.score);
  if (!evidence.verdict) return words;
  return verdict_weight * std::clamp(*evidence.verdict, 0.0, 1.0) + (1 - verdict_weight) * words;
}

Millis Endpointing::delay(const Evidence& evidence) const {
  const double over = confidence(evidence);
  const bool heard = learned_ && evidence.verdict.has_value();
  double shortest = heard || over >= sure ? shortest_ms : shortest_unlearned_ms;
  double longest = heard ? longest_ms : longest_unlearned_ms;
  if (usual_pause_ms_ > 0) {
    const double rhythm = std::clamp(usual_pause_ms_ * rhythm_margin, shortest, slowest_rhythm_ms);
    // Words that sound complete need only half of the caller's usual pause on top.
    shortest = over >= sure ? shortest + (rhythm - shortest) / 2 : rhythm;
  }
  if (evidence.words.reason == text::TurnReason::digits_running) {
    shortest = std::max(shortest, dictation_shortest_ms);
    longest = dictation_longest_ms;
  }
  const double doubt = 1 - std::clamp((over - hopeless) / (sure - hopeless), 0.0, 1.0);
  const double wait = shortest + (longest - shortest) * doubt * doubt * doubt + (1 - responsiveness_) * patience_ms;
  return Millis(static_cast<Millis::rep>(wait));
}

}  // namespace retell::engine::turn
