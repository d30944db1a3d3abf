#include "app/vendors.hpp"

#include <algorithm>
#include <filesystem>

#include "providers/local/local_inference.hpp"
#include "providers/local/register.hpp"
#include "providers/remote/deepgram_stt.hpp"
#include "providers/remote/elevenlabs_tts.hpp"
#include "providers/remote/openai_chat.hpp"
#include "providers/remote/openai_tts.hpp"
#include "providers/voice_catalogue.hpp"

namespace retell::app {

class LocalEngines::Impl {
 public:
#ifdef RETELL_LOCAL_MODELS
  std::unique_ptr<providers::local::LocalInference> inference;
#endif
};

LocalEngines::LocalEngines() : impl(std::make_unique<Impl>()) {}
LocalEngines::~LocalEngines() = default;

namespace {

// A vendor without key and without an address of one's own is not offered.
bool offered(const config::Vendor& vendor) { return !vendor.api_key.empty() || !vendor.base_url.empty(); }

void add_remote(const config::Config& config, providers::Registry& registry) {
  const auto& p = config.providers;
  if (offered(p.openai)) {
    providers::remote::OpenAiChatOptions chat;
    chat.api_key = p.openai.api_key;
    if (!p.openai.base_url.empty()) chat.base_url = p.openai.base_url;
    if (!p.openai.model.empty()) chat.model = p.openai.model;
    registry.add_llm("openai", providers::remote::openai_chat(chat));
    providers::remote::OpenAiTtsOptions speech;
    speech.api_key = p.openai.api_key;
    if (!p.openai.base_url.empty()) speech.base_url = p.openai.base_url;
    registry.add_tts("openai", providers::remote::openai_tts(speech));
  }
  if (offered(p.deepgram)) {
    providers::remote::DeepgramOptions options;
    options.api_key = p.deepgram.api_key;
    if (!p.deepgram.base_url.empty()) options.base_url = p.deepgram.base_url;
    if (!p.deepgram.model.empty()) options.model = p.deepgram.model;
    registry.add_stt("deepgram", providers::remote::deepgram_stt(options));
  }
  if (offered(p.elevenlabs)) {
    providers::remote::ElevenLabsOptions options;
    options.api_key = p.elevenlabs.api_key;
    if (!p.elevenlabs.base_url.empty()) options.base_url = p.elevenlabs.base_url;
    if (!p.elevenlabs.model.empty()) options.model = p.elevenlabs.model;
    registry.add_tts("elevenlabs", providers::remote::elevenlabs_tts(options));
  }
}

void add_local(const config::Config& config, LocalEngines& engines, providers::Registry& registry,
               const core::Logger& log) {
#ifdef RETELL_LOCAL_MODELS
  providers::local::LocalOptions options;
  if (!config.models.dir.empty()) options.cache = config.models.dir;
  options.stt_model = config.models.stt;
  options.llm_model = config.models.llm;
  if (config.models.threads > 0) {
    options.threads_per_transcription = config.models.threads;
    options.threads_per_completion = config.models.threads;
  }
  options.log = log;
  engines.impl->inference = std::make_unique<providers::local::LocalInference>(options);
  providers::local::register_local(registry, engines.impl->inference.get());
  const auto& p = config.providers;
  if (p.stt == "local" || p.tts == "local" || p.llm == "local") engines.impl->inference->warm_up();
#else
  (void)config;
  (void)engines;
  (void)log;
  providers::local::register_local(registry, nullptr);
#endif
}

void add_voices(const config::Config& config, LocalEngines& engines, services::VoiceCatalog& voices) {
  // Local voices whose model is absent are not shown: choosing one would make a silent agent.
  std::vector<std::string> absent;
#ifdef RETELL_LOCAL_MODELS
  for (const auto& voice : engines.impl->inference->voices()) {
    if (!voice.present) absent.push_back(voice.id);
  }
#else
  (void)engines;
#endif
  const auto& p = config.providers;
  for (const auto& known : providers::voice_catalogue()) {
    if (known.vendor == "elevenlabs" && !offered(p.elevenlabs)) continue;
    if (known.vendor == "openai" && !offered(p.openai)) continue;
    if (known.vendor == "local" && std::find(absent.begin(), absent.end(), known.vendor_voice) != absent.end())
      continue;
    services::CatalogVoice entry;
    entry.voice.voice_id = known.id;
    entry.voice.voice_name = known.name;
    entry.voice.provider = known.vendor == "elevenlabs" ? domain::VoiceProvider::elevenlabs
                           : known.vendor == "openai"   ? domain::VoiceProvider::openai
                                                        : domain::VoiceProvider::platform;
    entry.voice.gender = known.gender == providers::VoiceGender::male ? domain::Gender::male : domain::Gender::female;
    entry.voice.accent = std::string(known.accent);
    entry.vendor = known.vendor;
    entry.vendor_voice = known.vendor_voice;
    entry.language = known.language;
    voices.add(std::move(entry));
  }
  voices.add_configured(config.voices);
}

template <class Names>
core::Result<> require(const Names& names, const std::string& wanted, const std::string& setting) {
  if (std::find(names.begin(), names.end(), wanted) != names.end()) return {};
  std::string known;
  for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
  return core::fail(
      core::ErrorCode::invalid,
      wanted + " is not offered here (a remote vendor needs its key, see docs/configuration.md); there are: " + known,
      setting);
}

}  // namespace

core::Result<> register_vendors(const config::Config& config, LocalEngines& engines, providers::Registry& registry,
                                services::VoiceCatalog& voices, const core::Logger& log) {
  add_local(config, engines, registry, log);
  add_remote(config, registry);
  add_voices(config, engines, voices);
  const auto& p = config.providers;
  if (auto ok = require(registry.stt_names(), p.stt, "providers.stt"); !ok) return ok;
  if (auto ok = require(registry.tts_names(), p.tts, "providers.tts"); !ok) return ok;
  return require(registry.llm_names(), p.llm, "providers.llm");
}

}  // namespace retell::app
