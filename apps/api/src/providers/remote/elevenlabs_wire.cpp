#include "providers/remote/elevenlabs_wire.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "crypto/encoding.hpp"
#include "json/text.hpp"
#include "net/http_message.hpp"
#include "providers/remote/elevenlabs_tts.hpp"
#include "providers/remote/vendor_error.hpp"

namespace retell::providers::remote {

namespace {

constexpr std::string_view default_voice = "cgSgspJ2msm6clMCkdW9";  // Jessica
constexpr int longest_ms = 600'000;                                 // of one message

// The vendor's server writes contextId and isFinal; its HTTP examples write context_id and is_final.
const json::Value* either(const json::Object& object, std::string_view camel, std::string_view snake) {
  const auto* value = object.if_contains(camel);
  return value != nullptr ? value : object.if_contains(snake);
}

std::string_view text_of(const json::Value* value) {
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

int ms_of(const json::Value& value) {
  if (!value.is_number()) return 0;
  const auto number = value.to_number<double>();
  return std::isfinite(number) ? static_cast<int>(std::clamp(number, 0.0, static_cast<double>(longest_ms))) : 0;
}

const json::Array* list(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

std::vector<CharacterTime> read_characters(const json::Object& alignment) {
  const auto* characters = list(alignment, "chars");
  const auto* starts = list(alignment, "charStartTimesMs");
  const auto* durations = list(alignment, "charDurationsMs");
  if (durations == nullptr) durations = list(alignment, "charsDurationsMs");
  if (characters == nullptr || starts == nullptr || durations == nullptr) return {};
  const auto count = std::min({characters->size(), starts->size(), durations->size()});
  std::vector<CharacterTime> times;
  times.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back({std::string(text_of(&(*characters)[i])), ms_of((*starts)[i]), ms_of((*durations)[i])});
  }
  return times;
}

}  // namespace

std::string elevenlabs_url(const ElevenLabsOptions& vendor, const TtsOptions& call) {
  const auto& model = call.model.empty() ? vendor.model : call.model;
  const std::string_view voice = call.voice.empty() ? default_voice : std::string_view(call.voice);
  std::string url = vendor.base_url + "/v1/text-to-speech/" + net::percent_encode(voice) +
                    "/multi-stream-input?model_id=" + net::percent_encode(model) + "&output_format=pcm_" +
                    std::to_string(call.sample_rate) + "&auto_mode=true&sync_alignment=true&inactivity_timeout=" +
                    std::to_string(vendor.inactivity.count());
  // Only these models let the language be forced; the others refuse the parameter.
  const bool knows_language = model.find("_v2_5") != std::string::npos || model.find("_v3") != std::string::npos;
  if (knows_language && !call.language.empty() && call.language != "multi") {
    url += "&language_code=" + net::percent_encode(call.language.substr(0, call.language.find('-')));
  }
  return url;
}

std::string elevenlabs_begin(std::string_view context, const TtsOptions& call) {
  // Retell's temperature 0 .. 2 is unsteadiness; ElevenLabs' stability 1 .. 0 is its opposite, 0.5 by default.
  const json::Object settings{{"stability", std::clamp(1.0 - call.temperature / 2.0, 0.0, 1.0)},
                              {"similarity_boost", 0.75},
                              {"speed", std::clamp(call.speed, 0.7, 1.2)}};  // all that it takes
  return json::dump(json::Object{{"text", " "}, {"voice_settings", settings}, {"context_id", context}});
}

std::string elevenlabs_text(std::string_view context, std::string_view text) {
  return json::dump(json::Object{{"text", std::string(text) + " "}, {"context_id", context}, {"flush", true}});
}

std::string elevenlabs_close(std::string_view context) {
  return json::dump(json::Object{{"context_id", context}, {"close_context", true}});
}

core::Result<ElevenLabsMessage> read_elevenlabs(std::string_view data) {
  const auto parsed = json::parse(data);
  const auto* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return core::fail(core::ErrorCode::protocol, "ElevenLabs sent a message that is not JSON");
  ElevenLabsMessage message;
  message.context = text_of(either(*object, "contextId", "context_id"));
  if (const auto* error = object->if_contains("error"); error != nullptr && !error->is_null()) {
    message.failure = vendor_words(data);
    return message;
  }
  if (const auto* final = either(*object, "isFinal", "is_final"))
    message.is_final = final->is_bool() && final->get_bool();
  if (const auto audio = text_of(object->if_contains("audio")); !audio.empty()) {
    auto bytes = crypto::from_base64(audio);
    if (!bytes) return core::fail(core::ErrorCode::protocol, "ElevenLabs sent audio that is not base64");
    message.audio = std::move(*bytes);
  }
  // `alignment` speaks of our own text, `normalizedAlignment` of what the vendor made of it.
  for (const auto* key : {"alignment", "normalizedAlignment"}) {
    const auto* alignment = object->if_contains(key);
    const auto* times = alignment == nullptr ? nullptr : alignment->if_object();
    if (times == nullptr) continue;
    message.characters = read_characters(*times);
    break;
  }
  return message;
}

std::vector<SpokenWord> WordTimer::add(const std::vector<CharacterTime>& part, int offset_ms) {
  std::vector<SpokenWord> words;
  for (const auto& character : part) {
    if (character.text.empty() || character.text == " " || character.text == "\n" || character.text == "\t") {
      if (!word_.text.empty()) words.push_back(std::exchange(word_, {}));
      continue;
    }
    if (word_.text.empty()) word_.start_ms = offset_ms + character.start_ms;
    word_.text += character.text;
    word_.end_ms = std::max(word_.end_ms, offset_ms + character.start_ms + character.duration_ms);
  }
  return words;
}

std::vector<SpokenWord> WordTimer::finish() {
  std::vector<SpokenWord> words;
  if (!word_.text.empty()) words.push_back(std::exchange(word_, {}));
  return words;
}

}  // namespace retell::providers::remote
