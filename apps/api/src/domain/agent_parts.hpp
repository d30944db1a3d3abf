// The small objects and enumerations inside an agent's settings.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "json/traits.hpp"

namespace retell::domain {

enum class AmbientSound : std::uint8_t {
  coffee_shop,
  convention_hall,
  summer_outdoor,
  mountain_outdoor,
  static_noise,
  call_center
};
constexpr auto wire_names(AmbientSound) {
  using enum AmbientSound;
  return std::to_array<std::pair<AmbientSound, std::string_view>>({{coffee_shop, "coffee-shop"},
                                                                   {convention_hall, "convention-hall"},
                                                                   {summer_outdoor, "summer-outdoor"},
                                                                   {mountain_outdoor, "mountain-outdoor"},
                                                                   {static_noise, "static-noise"},
                                                                   {call_center, "call-center"}});
}

enum class DenoisingMode : std::uint8_t { none, noise, noise_and_background_speech };
constexpr auto wire_names(DenoisingMode) {
  using enum DenoisingMode;
  return std::to_array<std::pair<DenoisingMode, std::string_view>>(
      {{none, "no-denoise"},
       {noise, "noise-cancellation"},
       {noise_and_background_speech, "noise-and-background-speech-cancellation"}});
}

enum class ExpressiveTag : std::uint8_t {
  empathetic,
  excited,
  happy,
  curious,
  surprised,
  sigh,
  clear_throat,
  pause,
  long_pause,
  emphasis
};
constexpr auto wire_names(ExpressiveTag) {
  using enum ExpressiveTag;
  return std::to_array<std::pair<ExpressiveTag, std::string_view>>({{empathetic, "empathetic"},
                                                                    {excited, "excited"},
                                                                    {happy, "happy"},
                                                                    {curious, "curious"},
                                                                    {surprised, "surprised"},
                                                                    {sigh, "sigh"},
                                                                    {clear_throat, "clear throat"},
                                                                    {pause, "pause"},
                                                                    {long_pause, "long pause"},
                                                                    {emphasis, "emphasis"}});
}

enum class DataStorage : std::uint8_t { everything, everything_except_pii, basic_attributes_only };
BOOST_DESCRIBE_ENUM(DataStorage, everything, everything_except_pii, basic_attributes_only)

enum class SttMode : std::uint8_t { fast, accurate, custom };
BOOST_DESCRIBE_ENUM(SttMode, fast, accurate, custom)

enum class Vocabulary : std::uint8_t { general, medical };
BOOST_DESCRIBE_ENUM(Vocabulary, general, medical)

enum class VoiceEmotion : std::uint8_t { calm, sympathetic, happy, sad, angry, fearful, surprised };
BOOST_DESCRIBE_ENUM(VoiceEmotion, calm, sympathetic, happy, sad, angry, fearful, surprised)

enum class WebhookEvent : std::uint8_t {
  call_started,
  call_ended,
  call_analyzed,
  transcript_updated,
  transfer_started,
  transfer_bridged,
  transfer_cancelled,
  transfer_ended
};
BOOST_DESCRIBE_ENUM(WebhookEvent, call_started, call_ended, call_analyzed, transcript_updated, transfer_started,
                    transfer_bridged, transfer_cancelled, transfer_ended)

struct CallScreeningOption {
  std::string agent_identity;
  std::string call_purpose;
};
BOOST_DESCRIBE_STRUCT(CallScreeningOption, (), (agent_identity, call_purpose))

enum class SttVendor : std::uint8_t { azure, deepgram, soniox, assemblyai };
BOOST_DESCRIBE_ENUM(SttVendor, azure, deepgram, soniox, assemblyai)

struct CustomSttConfig {
  SttVendor provider = SttVendor::deepgram;
  double endpointing_ms = 0;
};
BOOST_DESCRIBE_STRUCT(CustomSttConfig, (), (provider, endpointing_ms))

enum class OutputTopic : std::uint8_t {
  harassment,
  self_harm,
  sexual_exploitation,
  violence,
  defense_and_national_security,
  illicit_and_harmful_activity,
  gambling,
  regulated_professional_advice,
  child_safety_and_exploitation
};
BOOST_DESCRIBE_ENUM(OutputTopic, harassment, self_harm, sexual_exploitation, violence, defense_and_national_security,
                    illicit_and_harmful_activity, gambling, regulated_professional_advice,
                    child_safety_and_exploitation)

enum class InputTopic : std::uint8_t { platform_integrity_jailbreaking };
BOOST_DESCRIBE_ENUM(InputTopic, platform_integrity_jailbreaking)

struct GuardrailConfig {
  std::optional<std::vector<OutputTopic>> output_topics = {};
  std::optional<std::vector<InputTopic>> input_topics = {};
};
BOOST_DESCRIBE_STRUCT(GuardrailConfig, (), (output_topics, input_topics))

struct HandbookConfig {
  std::optional<bool> default_personality = {};
  std::optional<bool> conversational_personality = {};
  std::optional<bool> natural_filler_words = {};
  std::optional<bool> high_empathy = {};
  std::optional<bool> ai_disclosure = {};
  std::optional<bool> scope_boundaries = {};
  std::optional<bool> echo_verification = {};
  std::optional<bool> nato_phonetic_alphabet = {};
  std::optional<bool> smart_matching = {};
  std::optional<bool> speech_normalization = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(HandbookConfig, (),
                      (default_personality, conversational_personality, natural_filler_words, high_empathy,
                       ai_disclosure, scope_boundaries, echo_verification, nato_phonetic_alphabet, smart_matching,
                       speech_normalization))

struct HangUpAction {
  static constexpr std::string_view json_tag = "hangup";
};
BOOST_DESCRIBE_STRUCT(HangUpAction, (), ())

struct PromptAction {
  static constexpr std::string_view json_tag = "prompt";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(PromptAction, (), (text))

struct StaticTextAction {
  static constexpr std::string_view json_tag = "static_text";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(StaticTextAction, (), (text))

struct BridgeTransferAction {
  static constexpr std::string_view json_tag = "bridge_transfer";
};
BOOST_DESCRIBE_STRUCT(BridgeTransferAction, (), ())

struct IvrOption {
  std::variant<HangUpAction> action;
  std::optional<std::string> detection_prompt = {};
};
BOOST_DESCRIBE_STRUCT(IvrOption, (), (action, detection_prompt))

struct VoicemailOption {
  std::variant<HangUpAction, PromptAction, StaticTextAction, BridgeTransferAction> action;
  std::optional<std::string> detection_prompt = {};
};
BOOST_DESCRIBE_STRUCT(VoicemailOption, (), (action, detection_prompt))

enum class PiiCategory : std::uint8_t {
  person_name,
  address,
  email,
  phone_number,
  ssn,
  passport,
  driver_license,
  credit_card,
  bank_account,
  password,
  pin,
  medical_id,
  date_of_birth,
  customer_account_number
};
BOOST_DESCRIBE_ENUM(PiiCategory, person_name, address, email, phone_number, ssn, passport, driver_license, credit_card,
                    bank_account, password, pin, medical_id, date_of_birth, customer_account_number)

enum class PiiMode : std::uint8_t { post_call };
BOOST_DESCRIBE_ENUM(PiiMode, post_call)

struct PiiConfig {
  PiiMode mode = PiiMode::post_call;
  std::vector<PiiCategory> categories;
};
BOOST_DESCRIBE_STRUCT(PiiConfig, (), (mode, categories))

enum class PhoneticAlphabet : std::uint8_t { ipa, cmu, pinyin, jyutping };
BOOST_DESCRIBE_ENUM(PhoneticAlphabet, ipa, cmu, pinyin, jyutping)

struct Pronunciation {
  std::string word;
  PhoneticAlphabet alphabet = PhoneticAlphabet::ipa;
  std::string phoneme;
};
BOOST_DESCRIBE_STRUCT(Pronunciation, (), (word, alphabet, phoneme))

struct UserDtmfOptions {
  std::optional<double> digit_limit = {};
  std::optional<std::string> termination_key = {};
  std::optional<double> timeout_ms = {};
};
BOOST_DESCRIBE_STRUCT(UserDtmfOptions, (), (digit_limit, termination_key, timeout_ms))

}  // namespace retell::domain
