#include "services/voice_catalog.hpp"

#include <algorithm>

namespace retell::services {

void VoiceCatalog::add(CatalogVoice voice) {
  const auto same = std::find_if(voices_.begin(), voices_.end(),
                                 [&](const auto& known) { return known.voice.voice_id == voice.voice.voice_id; });
  if (same != voices_.end())
    *same = std::move(voice);
  else
    voices_.push_back(std::move(voice));
}

void VoiceCatalog::add_configured(const std::vector<config::Voice>& voices) {
  for (const auto& configured : voices) {
    CatalogVoice voice;
    voice.voice.voice_id = configured.id;
    voice.voice.voice_name = configured.name;
    voice.voice.provider =
        json::enum_value<domain::VoiceProvider>(configured.vendor).value_or(domain::VoiceProvider::platform);
    voice.voice.gender = configured.gender == "male" ? domain::Gender::male : domain::Gender::female;
    if (!configured.accent.empty()) voice.voice.accent = configured.accent;
    voice.vendor = configured.vendor;
    voice.vendor_voice = configured.vendor_voice;
    voice.model = configured.model;
    voice.language = configured.language;
    add(std::move(voice));
  }
}

core::Result<CatalogVoice> VoiceCatalog::find(std::string_view voice_id) const {
  const auto found =
      std::find_if(voices_.begin(), voices_.end(), [&](const auto& known) { return known.voice.voice_id == voice_id; });
  if (found == voices_.end()) {
    return core::fail(core::ErrorCode::unprocessable, "Voice " + std::string(voice_id) + " not found", "voice_id");
  }
  return *found;
}

const CatalogVoice* VoiceCatalog::stand_in(std::string_view language) const {
  const auto speaks = [&](const auto& known) { return known.language == language; };
  const auto found = std::find_if(voices_.begin(), voices_.end(), speaks);
  if (found != voices_.end()) return &*found;
  return voices_.empty() ? nullptr : &voices_.front();
}

}  // namespace retell::services
