#include "domain/agent.hpp"

#include <cmath>

#include "domain/rules.hpp"
#include "json/merge_patch.hpp"

template retell::core::Result<retell::domain::AgentSettings> retell::json::read<retell::domain::AgentSettings>(
    const retell::json::Value&);
template retell::json::Value retell::json::write<retell::domain::AgentSettings>(const retell::domain::AgentSettings&);

namespace retell::domain {
namespace {

// Members of a reply that clients send back when they edit what they got; they are not settings.
constexpr std::array read_only_members = {
    "agent_id", "version", "base_version", "is_published", "assigned_tags", "last_modification_timestamp", "channel"};

void check_stt(json::Problems& problems, const AgentSettings& s) {
  if (!s.custom_stt_config) return;
  if (s.stt_mode != SttMode::custom) problems.add("custom_stt_config", "needs stt_mode \"custom\"");
  const double least = [&] {
    switch (s.custom_stt_config->provider) {
      case SttVendor::azure:
        return 100;
      case SttVendor::deepgram:
        return 10;
      case SttVendor::soniox:
        return 500;
      case SttVendor::assemblyai:
        return 100;
    }
    return 0;
  }();
  check_at_least(problems, "custom_stt_config.endpointing_ms", s.custom_stt_config->endpointing_ms, least);
}

// Ranges are those of the published field descriptions.
core::Result<AgentSettings> checked(core::Result<AgentSettings> settings) {
  if (!settings) return settings;
  const auto& s = *settings;
  json::Problems problems;
  if (s.voice_id.empty()) problems.add("voice_id", "must not be empty");
  check_engine(problems, "response_engine", s.response_engine);
  check_languages(problems, "language", s.language);
  check_timezone(problems, "timezone", s.timezone);
  check_stt(problems, s);
  check_range(problems, "voice_temperature", s.voice_temperature, 0, 2);
  check_range(problems, "voice_speed", s.voice_speed, 0.5, 2);
  check_range(problems, "volume", s.volume, 0, 2);
  check_range(problems, "ambient_sound_volume", s.ambient_sound_volume, 0, 2);
  check_range(problems, "responsiveness", s.responsiveness, 0, 1);
  check_range(problems, "interruption_sensitivity", s.interruption_sensitivity, 0, 1);
  check_range(problems, "backchannel_frequency", s.backchannel_frequency, 0, 1);
  check_at_least(problems, "reminder_trigger_ms", s.reminder_trigger_ms, 1);
  check_range(problems, "reminder_max_count", s.reminder_max_count, 0, 1000);
  if (s.reminder_max_count && *s.reminder_max_count != std::trunc(*s.reminder_max_count)) {
    problems.add("reminder_max_count", "must be a whole number");
  }
  if (s.voicemail_option) {
    check_text(problems, "voicemail_option.detection_prompt", s.voicemail_option->detection_prompt, 2'000);
  }
  check_range(problems, "begin_message_delay_ms", s.begin_message_delay_ms, 0, 5000);
  check_at_least(problems, "end_call_after_silence_ms", s.end_call_after_silence_ms, 10'000);
  check_range(problems, "max_call_duration_ms", s.max_call_duration_ms, 60'000, 7'200'000);
  check_range(problems, "ring_duration_ms", s.ring_duration_ms, 5'000, 300'000);
  check_range(problems, "webhook_timeout_ms", s.webhook_timeout_ms, 1, 60'000);
  check_range(problems, "data_storage_retention_days", s.data_storage_retention_days, 1, 730);
  check_at_least(problems, "signed_url_expiration_ms", s.signed_url_expiration_ms, 1);
  if (s.user_dtmf_options) {
    check_range(problems, "user_dtmf_options.digit_limit", s.user_dtmf_options->digit_limit, 1, 50);
    check_range(problems, "user_dtmf_options.timeout_ms", s.user_dtmf_options->timeout_ms, 1'000, 15'000);
    const auto& key = s.user_dtmf_options->termination_key;
    if (key && (key->size() != 1 || key->find_first_of("0123456789#*") == std::string::npos)) {
      problems.add("user_dtmf_options.termination_key", "must be one of 0-9, # and *");
    }
  }
  check_url(problems, "webhook_url", s.webhook_url);
  check_text(problems, "agent_name", s.agent_name, 1'000);
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return settings;
}

// Rules that hold only where the body speaks of their members: an agent that was stored before they were made can still
// be changed, and overridden for a call, in all else.
core::Result<AgentSettings> checked_anew(core::Result<AgentSettings> settings, const json::Value& body) {
  if (!settings) return settings;
  const auto& named = body.get_object();
  json::Problems problems;
  if ((named.contains("stt_mode") || named.contains("custom_stt_config")) && settings->stt_mode == SttMode::custom &&
      !settings->custom_stt_config) {
    problems.add("custom_stt_config", "is required with stt_mode \"custom\"");
  }
  if (named.contains("post_call_analysis_data") && settings->post_call_analysis_data) {
    check_choices(problems, "post_call_analysis_data", *settings->post_call_analysis_data);
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return settings;
}

json::Value without_read_only(const json::Value& body) {
  auto settings = body;
  if (auto* object = settings.if_object()) {
    for (const auto* name : read_only_members) {
      if (const auto it = object->find(name); it != object->end()) object->stable_erase(it);
    }
  }
  return settings;
}

}  // namespace

core::Result<AgentSettings> read_agent_settings(const json::Value& body) {
  return checked_anew(checked(json::read<AgentSettings>(without_read_only(body))), body);
}

core::Result<AgentSettings> patch_agent_settings(const AgentSettings& settings, const json::Value& body) {
  if (!body.is_object()) return core::fail(core::ErrorCode::invalid, "expected an object");
  auto merged = json::write(settings);
  json::merge_patch(merged, without_read_only(body), 1);
  return checked_anew(checked(json::read<AgentSettings>(merged)), body);
}

json::Value to_json(const AgentSettings& settings) { return json::write(settings); }

std::string primary_language(const AgentSettings& settings) {
  if (!settings.language) return "en-US";
  if (const auto* one = std::get_if<std::string>(&*settings.language)) return *one;
  const auto& list = std::get<std::vector<std::string>>(*settings.language);
  return list.empty() ? "en-US" : list.front();
}

bool wants_webhook(const AgentSettings& settings, WebhookEvent event) {
  if (!settings.webhook_events) {
    return event == WebhookEvent::call_started || event == WebhookEvent::call_ended ||
           event == WebhookEvent::call_analyzed;
  }
  return std::find(settings.webhook_events->begin(), settings.webhook_events->end(), event) !=
         settings.webhook_events->end();
}

}  // namespace retell::domain
