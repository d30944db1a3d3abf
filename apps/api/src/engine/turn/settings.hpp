// What the conversation core is told about the agent and its vendors. Agent settings have Retell's names, ranges and
// defaults; the shell fills them from CallPlan.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "text/language.hpp"

namespace retell::engine::turn {

using core::Millis;
using core::TimePoint;

// Retell's user_dtmf_options: how a sequence of digits is known to be complete. The timer restarts with each digit.
struct DigitOptions {
  int digit_limit = 50;                       // 1 .. 50
  std::optional<char> termination_key = '#';  // one of 0-9 # *
  Millis timeout{2'000};                      // 1000 .. 15000
};

struct ConversationSettings {
  text::Language language = text::Language::en;

  // Turn taking.
  double responsiveness = 1.0;                 // 0 .. 1; lower waits longer before answering
  bool enable_dynamic_responsiveness = false;  // follow the caller's own rhythm
  double interruption_sensitivity = 1.0;       // 0 .. 1; lower needs more speech to cut the agent; 0: never cut
  bool enable_backchannel = false;
  double backchannel_frequency = 0.8;               // 0 .. 1
  std::vector<std::string> backchannel_words = {};  // empty: the language's own
  bool allow_user_dtmf = true;
  bool allow_dtmf_interruption = false;
  DigitOptions user_dtmf = {};

  // Beginning and limits.
  bool agent_speaks_first = true;                                 // start_speaker, with a begin message that is not ""
  Millis begin_message_delay{0};                                  // only when the agent speaks first
  std::optional<Millis> begin_after_user_silence = std::nullopt;  // only when the caller should: begin after all
  Millis reminder_trigger{10'000};
  int reminder_max_count = 1;
  Millis end_call_after_silence{600'000};
  Millis max_call_duration{3'600'000};

  // Above all vendors: our turn and nothing audible. A filler after half of this, the fall-back after all of it,
  // another filler for the fall-back's sake, the apology after twice as long.
  Millis watchdog{4'000};
  // A transfer's announcement may not be cut, so that a caller's "okay" does not lose the transfer.
  bool protect_hand_over = true;
  // For loudspeakers without echo cancellation: the agent's first speech cannot be cut for so long. LiveKit uses 3 s.
  Millis echo_warm_up{0};

  // What the vendors in use can do.
  bool end_of_turn_model = false;  // AskEndOfTurn will be answered
  bool speculate = true;           // ask the model before the turn is surely over
  Millis final_wait{700};          // vendor's p99 from the end of speech to the final transcript
  // Voice that brings no words for so long is noise. Vendors without partials need about 20 s.
  Millis voice_without_words{5'000};
};

// Of the caller's silence: when the learned detector is asked (LiveKit), when the model may be asked on a
// guess, and when an "uh-huh" fits.
inline constexpr Millis ask_after{200};
inline constexpr Millis speculate_after{150};
inline constexpr Millis murmur_after{300};

}  // namespace retell::engine::turn
