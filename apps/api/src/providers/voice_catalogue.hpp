// The voices that need no configuration: those of the engines inside the process and the default voices that every
// ElevenLabs account can use, under ids of Retell's shape ("11labs-Sarah").
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace retell::providers {

enum class VoiceGender : std::uint8_t { male, female };

struct CatalogueVoice {
  std::string_view id;      // voice_id of the API
  std::string_view name;    // for people
  std::string_view vendor;  // in Registry
  std::string_view vendor_voice;
  std::string_view language;  // BCP 47; "multi" speaks every language of its vendor
  VoiceGender gender;
  std::string_view accent;
};

[[nodiscard]] std::span<const CatalogueVoice> voice_catalogue();
[[nodiscard]] const CatalogueVoice* find_voice(std::string_view id);  // null for an unknown id

}  // namespace retell::providers
