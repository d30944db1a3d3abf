// A voice that agents can speak with.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "json/traits.hpp"

namespace retell::domain {

enum class VoiceProvider : std::uint8_t { elevenlabs, openai, cartesia, minimax, fish_audio, inworld, platform };
BOOST_DESCRIBE_ENUM(VoiceProvider, elevenlabs, openai, cartesia, minimax, fish_audio, inworld, platform)

enum class Gender : std::uint8_t { male, female };
BOOST_DESCRIBE_ENUM(Gender, male, female)

// Retell's VoiceResponse. Local voices are of provider `platform`.
struct Voice {
  std::string voice_id;
  std::string voice_name;
  VoiceProvider provider = VoiceProvider::platform;
  Gender gender = Gender::female;
  std::optional<std::string> accent = {};
  std::optional<std::string> age = {};
  std::optional<std::string> preview_audio_url = {};
};
BOOST_DESCRIBE_STRUCT(Voice, (), (voice_id, voice_name, provider, gender, accent, age, preview_audio_url))

}  // namespace retell::domain
