#include "app/vendors.hpp"

#include <algorithm>
#include <filesystem>

#include "providers/local/local_inference.hpp"
#include "providers/local/register.hpp"
#include "providers/remote/vendors.hpp"
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
void add_remote(const config::Config& config, providers::Registry& registry) {
  for (const auto& vendor : providers::remote::vendors()) {
    const auto found = config.providers.vendors.find(std::string(vendor.name));
    if (found == config.providers.vendors.end()) continue;
    const auto& [key, base_url, model] = found->second;
    if (!key.empty() || !base_url.empty()) vendor.add(registry, {key, base_url, model});
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

void add_voices(const config::Config& config, LocalEngines& engines, const providers::Registry& registry,
                services::VoiceCatalog& voices) {
  // Local voices whose model is absent are not shown: choosing one would make a silent agent.
  std::vector<std::string> absent;
#ifdef RETELL_LOCAL_MODELS
  for (const auto& voice : engines.impl->inference->voices()) {
    if (!voice.present) absent.push_back(voice.id);
  }
#else
  (void)engines;
#endif
  const auto speakers = registry.tts_names();
  for (const auto& known : providers::voice_catalogue()) {
    if (std::find(speakers.begin(), speakers.end(), known.vendor) == speakers.end()) continue;
    if (known.vendor == "local" && std::find(absent.begin(), absent.end(), known.vendor_voice) != absent.end())
      continue;
    services::CatalogVoice entry;
    entry.voice.voice_id = known.id;
    entry.voice.voice_name = known.name;
    entry.voice.provider =
        json::enum_value<domain::VoiceProvider>(known.vendor).value_or(domain::VoiceProvider::platform);
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
  add_voices(config, engines, registry, voices);
  const auto& p = config.providers;
  if (auto ok = require(registry.stt_names(), p.stt, "providers.stt"); !ok) return ok;
  if (auto ok = require(registry.tts_names(), p.tts, "providers.tts"); !ok) return ok;
  return require(registry.llm_names(), p.llm, "providers.llm");
}

}  // namespace retell::app
