// A voice agent: Retell's settings under Retell's names, and the record around them. Plain values.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "domain/agent_parts.hpp"
#include "domain/analysis.hpp"
#include "domain/response_engine.hpp"
#include "json/read.hpp"
#include "json/write.hpp"

namespace retell::domain {

// What a client may set. Lengths in milliseconds; an empty field means the default written beside it. Models and
// languages are open texts: Retell adds some every month.
// One struct for each group of settings; AgentSettings is all of them.
struct IdentitySettings {
  ResponseEngine response_engine;
  std::string voice_id;
  std::optional<std::string> agent_name = {};
};
BOOST_DESCRIBE_STRUCT(IdentitySettings, (), (response_engine, voice_id, agent_name))

struct VoiceSettings {
  std::optional<std::string> voice_model = {};
  std::optional<std::vector<std::string>> fallback_voice_ids = {};
  std::optional<double> voice_temperature = {};  // 0..2, 1
  std::optional<double> voice_speed = {};        // 0.5..2, 1
  std::optional<bool> enable_dynamic_voice_speed = {};
  std::optional<double> volume = {};  // 0..2, 1
  std::optional<VoiceEmotion> voice_emotion = {};
  std::optional<bool> enable_expressive_mode = {};
  std::optional<std::vector<ExpressiveTag>> expressive_emotion_tags = {};
  std::optional<std::string> expressive_mode_prompt = {};
  std::optional<std::vector<Pronunciation>> pronunciation_dictionary = {};
};
BOOST_DESCRIBE_STRUCT(VoiceSettings, (),
                      (voice_model, fallback_voice_ids, voice_temperature, voice_speed, enable_dynamic_voice_speed,
                       volume, voice_emotion, enable_expressive_mode, expressive_emotion_tags, expressive_mode_prompt,
                       pronunciation_dictionary))

struct TurnSettings {
  std::optional<double> responsiveness = {};  // 0..1, 1
  std::optional<bool> enable_dynamic_responsiveness = {};
  std::optional<double> interruption_sensitivity = {};  // 0..1, 1; 0 = never interrupted
  std::optional<bool> enable_backchannel = {};
  std::optional<double> backchannel_frequency = {};  // 0..1, 0.8
  std::optional<std::vector<std::string>> backchannel_words = {};
  std::optional<double> reminder_trigger_ms = {};        // > 0, 10000
  std::optional<double> reminder_max_count = {};         // >= 0, 1
  std::optional<double> begin_message_delay_ms = {};     // 0..5000, 0
  std::optional<double> end_call_after_silence_ms = {};  // >= 10000, 600000
  std::optional<double> max_call_duration_ms = {};       // 60000..7200000, 3600000
  std::optional<double> ring_duration_ms = {};           // 5000..300000, 30000
  std::optional<bool> allow_user_dtmf = {};              // true
  std::optional<bool> allow_dtmf_interruption = {};
  std::optional<UserDtmfOptions> user_dtmf_options = {};
};
BOOST_DESCRIBE_STRUCT(TurnSettings, (),
                      (responsiveness, enable_dynamic_responsiveness, interruption_sensitivity, enable_backchannel,
                       backchannel_frequency, backchannel_words, reminder_trigger_ms, reminder_max_count,
                       begin_message_delay_ms, end_call_after_silence_ms, max_call_duration_ms, ring_duration_ms,
                       allow_user_dtmf, allow_dtmf_interruption, user_dtmf_options))

struct HearingSettings {
  std::optional<AmbientSound> ambient_sound = {};
  std::optional<double> ambient_sound_volume = {};  // 0..2, 1
  std::optional<DenoisingMode> denoising_mode = {};
  std::optional<std::variant<std::string, std::vector<std::string>>> language = {};  // en-US
  std::optional<SttMode> stt_mode = {};
  std::optional<CustomSttConfig> custom_stt_config = {};
  std::optional<Vocabulary> vocab_specialization = {};
  std::optional<std::vector<std::string>> boosted_keywords = {};
  std::optional<std::string> timezone = {};  // America/Los_Angeles
};
BOOST_DESCRIBE_STRUCT(HearingSettings, (),
                      (ambient_sound, ambient_sound_volume, denoising_mode, language, stt_mode, custom_stt_config,
                       vocab_specialization, boosted_keywords, timezone))

struct SafetySettings {
  std::optional<VoicemailOption> voicemail_option = {};
  std::optional<IvrOption> ivr_option = {};
  std::optional<CallScreeningOption> call_screening_option = {};
  std::optional<GuardrailConfig> guardrail_config = {};
  std::optional<HandbookConfig> handbook_config = {};
  std::optional<PiiConfig> pii_config = {};
};
BOOST_DESCRIBE_STRUCT(SafetySettings, (),
                      (voicemail_option, ivr_option, call_screening_option, guardrail_config, handbook_config,
                       pii_config))

struct RecordSettings {
  std::optional<std::vector<PostCallAnalysis>> post_call_analysis_data = {};
  std::optional<std::string> post_call_analysis_model = {};
  std::optional<std::string> webhook_url = {};
  std::optional<double> webhook_timeout_ms = {};  // 10000
  std::optional<std::vector<WebhookEvent>> webhook_events = {};
  std::optional<DataStorage> data_storage_setting = {};
  std::optional<double> data_storage_retention_days = {};  // 1..730; empty = for ever
  std::optional<bool> opt_in_signed_url = {};
  std::optional<double> signed_url_expiration_ms = {};  // 86400000
  std::optional<std::string> version_title = {};
  std::optional<std::string> version_description = {};
};
BOOST_DESCRIBE_STRUCT(RecordSettings, (),
                      (post_call_analysis_data, post_call_analysis_model, webhook_url, webhook_timeout_ms,
                       webhook_events, data_storage_setting, data_storage_retention_days, opt_in_signed_url,
                       signed_url_expiration_ms, version_title, version_description))

struct AgentSettings : IdentitySettings, VoiceSettings, TurnSettings, HearingSettings, SafetySettings, RecordSettings {
  json::Object unknown = {};  // settings newer than this program, kept and returned
};
BOOST_DESCRIBE_STRUCT(AgentSettings,
                      (IdentitySettings, VoiceSettings, TurnSettings, HearingSettings, SafetySettings, RecordSettings),
                      ())

// One version of an agent.
struct Agent {
  std::string agent_id;
  std::int32_t version = 0;
  std::optional<std::int32_t> base_version = {};  // what it was branched from; empty for the first
  bool is_published = false;
  std::int64_t last_modification_timestamp = 0;  // epoch ms
  AgentSettings settings = {};
};

// Settings from a request's body, checked: shapes, ranges and the rules between fields. invalid names every field.
[[nodiscard]] core::Result<AgentSettings> read_agent_settings(const json::Value& body);
// `body` (a partial update) laid over `settings`: each member named replaces the old one, null clears it.
[[nodiscard]] core::Result<AgentSettings> patch_agent_settings(const AgentSettings& settings, const json::Value& body);
[[nodiscard]] json::Value to_json(const AgentSettings& settings);

[[nodiscard]] std::string primary_language(const AgentSettings& settings);  // the first one; en-US when unset
[[nodiscard]] bool wants_webhook(const AgentSettings& settings, WebhookEvent event);

}  // namespace retell::domain

extern template retell::core::Result<retell::domain::AgentSettings> retell::json::read<retell::domain::AgentSettings>(
    const retell::json::Value&);
extern template retell::json::Value retell::json::write<retell::domain::AgentSettings>(
    const retell::domain::AgentSettings&);
