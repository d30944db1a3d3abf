#include "providers/voice_catalogue.hpp"

#include <algorithm>
#include <array>

namespace retell::providers {

namespace {

constexpr auto male = VoiceGender::male;
constexpr auto female = VoiceGender::female;

// ElevenLabs: the default voices of every account, as its public API lists them. Retell's own names for cloned voices
// (Adrian, Cimo) have no public counterpart: the two that its examples use are mapped to the nearest default voice.
constexpr std::array voices = {
    CatalogueVoice{"local-joe", "Joe", "local", "joe", "en-US", male, "American"},
    CatalogueVoice{"local-slt", "Susan", "local", "slt", "en-US", female, "American"},
    CatalogueVoice{"local-rms", "Richard", "local", "rms", "en-US", male, "American"},
    CatalogueVoice{"local-awb", "Alan", "local", "awb", "en-GB", male, "Scottish"},
    CatalogueVoice{"local-pt-BR", "Local (pt-BR)", "local", "pt-BR", "pt-BR", male, "Brazilian"},
    CatalogueVoice{"11labs-Adrian", "Adrian", "elevenlabs", "nPczCjzI2devNBz1zQrb", "multi", male, "American"},
    CatalogueVoice{"retell-Cimo", "Cimo", "elevenlabs", "cgSgspJ2msm6clMCkdW9", "multi", female, "American"},
    CatalogueVoice{"11labs-Sarah", "Sarah", "elevenlabs", "EXAVITQu4vr4xnSDxMaL", "multi", female, "American"},
    CatalogueVoice{"11labs-Laura", "Laura", "elevenlabs", "FGY2WhTYpPnrIDTdsKH5", "multi", female, "American"},
    CatalogueVoice{"11labs-Jessica", "Jessica", "elevenlabs", "cgSgspJ2msm6clMCkdW9", "multi", female, "American"},
    CatalogueVoice{"11labs-Matilda", "Matilda", "elevenlabs", "XrExE9yKIg1WjnnlVkGX", "multi", female, "American"},
    CatalogueVoice{"11labs-Alice", "Alice", "elevenlabs", "Xb7hH8MSUJpSbSDYk0k2", "multi", female, "British"},
    CatalogueVoice{"11labs-Lily", "Lily", "elevenlabs", "pFZP5JQG7iQjIQuC4Bku", "multi", female, "British"},
    CatalogueVoice{"11labs-Roger", "Roger", "elevenlabs", "CwhRBWXzGAHq8TQ4Fs17", "multi", male, "American"},
    CatalogueVoice{"11labs-Liam", "Liam", "elevenlabs", "TX3LPaxmHKxFdv7VOQHJ", "multi", male, "American"},
    CatalogueVoice{"11labs-Brian", "Brian", "elevenlabs", "nPczCjzI2devNBz1zQrb", "multi", male, "American"},
    CatalogueVoice{"11labs-Eric", "Eric", "elevenlabs", "cjVigY5qzO86Huf0OWal", "multi", male, "American"},
    CatalogueVoice{"11labs-Chris", "Chris", "elevenlabs", "iP95p4xoKVk53GoZ742B", "multi", male, "American"},
    CatalogueVoice{"11labs-George", "George", "elevenlabs", "JBFqnCBsd6RMkjVDRZzb", "multi", male, "British"},
    CatalogueVoice{"11labs-Daniel", "Daniel", "elevenlabs", "onwK4e9ZLuTAKqWW03F9", "multi", male, "British"},
    CatalogueVoice{"11labs-Charlie", "Charlie", "elevenlabs", "IKne3meq5aSn9XLyUdCD", "multi", male, "Australian"},
    CatalogueVoice{"openai-Alloy", "Alloy", "openai", "alloy", "multi", female, "American"},
    CatalogueVoice{"openai-Echo", "Echo", "openai", "echo", "multi", male, "American"},
    CatalogueVoice{"openai-Shimmer", "Shimmer", "openai", "shimmer", "multi", female, "American"},
    CatalogueVoice{"openai-Ash", "Ash", "openai", "ash", "multi", male, "American"},
    CatalogueVoice{"openai-Coral", "Coral", "openai", "coral", "multi", female, "American"},
};

}  // namespace

std::span<const CatalogueVoice> voice_catalogue() { return voices; }

const CatalogueVoice* find_voice(std::string_view id) {
  const auto found = std::find_if(voices.begin(), voices.end(), [&](const auto& voice) { return voice.id == id; });
  return found == voices.end() ? nullptr : &*found;
}

}  // namespace retell::providers
