#include "engine/turn_settings.hpp"

#include "text/language.hpp"

namespace retell::engine {

using namespace std::chrono_literals;

turn::ConversationSettings settings_of(const CallPlan& plan) {
  turn::ConversationSettings out;
  const auto& t = plan.turns;
  out.language = text::language_of(plan.language);
  out.responsiveness = t.responsiveness;
  out.interruption_sensitivity = t.interruption_sensitivity;
  out.enable_dynamic_responsiveness = t.dynamic_responsiveness;
  out.enable_backchannel = t.backchannel;
  out.backchannel_frequency = t.backchannel_frequency;
  out.backchannel_words = t.backchannel_words;
  out.allow_user_dtmf = t.hears_keys;
  out.allow_dtmf_interruption = t.keys_interrupt;
  out.user_dtmf = t.keys;
  const auto& begin = plan.dialogue.begin_message;
  out.agent_speaks_first = plan.dialogue.start_speaker == StartSpeaker::agent && !(begin && begin->empty());
  out.begin_message_delay = t.begin_message_delay;
  if (plan.dialogue.begin_after_user_silence > 0ms)
    out.begin_after_user_silence = plan.dialogue.begin_after_user_silence;
  out.reminder_trigger = t.reminder_trigger;
  out.reminder_max_count = t.reminder_max_count;
  out.end_call_after_silence = t.end_call_after_silence;
  out.max_call_duration = t.max_call_duration;
  out.watchdog = t.watchdog;
  // A model on this machine decodes the whole pause before it is sure; remote ones answer within a few hundred ms.
  if (plan.hearing.vendor.name == "local" || plan.hearing.vendor.name == "whisper") out.final_wait = 1'100ms;
  out.end_of_turn_model = !plan.hearing.end_of_turn.empty();
  return out;
}

}  // namespace retell::engine
