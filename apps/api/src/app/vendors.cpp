#include "app/vendors.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

#include "app/commands/common.hpp"
#include "app/configuration_check.hpp"
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

constexpr std::array<std::string_view, 5> heavy_engines{"local", "whisper", "pocketsphinx", "llama", "piper"};
// Measured with `retell bench local --calls N`.
constexpr int local_calls_per_core = 2;

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
  options.cache = models_dir(config);
  options.stt_model = config.models.stt;
  options.llm_model = config.models.llm;
  if (config.models.threads > 0) {
    options.threads_per_transcription = config.models.threads;
    options.threads_per_completion = config.models.threads;
  }
  options.log = log;
  engines.impl->inference = std::make_unique<providers::local::LocalInference>(options);
  providers::local::register_local(registry, engines.impl->inference.get());
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

#ifdef RETELL_LOCAL_MODELS
void warn_of_absent_models(const config::Config& config, const core::Logger& log) {
  const providers::local::ModelStore store(providers::local::builtin_manifest(), models_dir(config));
  std::string absent;
  for (const auto& name : local_models(config)) {
    if (!store.path(name)) absent += " " + name;
  }
  if (!absent.empty())
    log.warn("local models are missing, and agents that need them cannot answer: retell models pull{}", absent);
}
#endif

}  // namespace

std::optional<int> most_local_calls(const config::Config& config) {
  const auto& p = config.providers;
  const auto depends = [](const std::string& vendor, const std::vector<std::string>& fallbacks) {
    return std::ranges::find(heavy_engines, vendor) != heavy_engines.end() && fallbacks.empty();
  };
  if (!depends(p.stt, p.stt_fallbacks) && !depends(p.tts, p.tts_fallbacks) && !depends(p.llm, p.llm_fallbacks)) {
    return std::nullopt;
  }
  if (config.models.max_calls > 0) return config.models.max_calls;
  return local_calls_per_core * static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::vector<std::string> local_models([[maybe_unused]] const config::Config& config) {
  std::vector<std::string> names;
#ifdef RETELL_LOCAL_MODELS
  using providers::local::ModelKind;
  const auto& manifest = providers::local::builtin_manifest();
  const auto add = [&](ModelKind kind, const std::string& configured) {
    if (!configured.empty()) {
      names.push_back(manifest.find(configured) != nullptr ? configured : "whisper-" + configured);
      return;
    }
    for (const auto& model : manifest.models) {
      if (model.kind == kind && model.is_default) names.push_back(model.name);
    }
  };
  const auto& p = config.providers;
  const auto any = [](std::vector<std::string> asked, const std::vector<std::string>& more,
                      std::initializer_list<std::string_view> engines) {
    asked.insert(asked.end(), more.begin(), more.end());
    return std::ranges::any_of(asked, [&](const std::string& name) {
      return std::ranges::find(engines, std::string_view(name).substr(0, name.find(':'))) != engines.end();
    });
  };
  std::vector<std::string> minds{p.llm};
  for (const auto& [name, choice] : p.llm_models) minds.push_back(choice);
  if (any({p.stt}, p.stt_fallbacks, {"local", "whisper"})) add(ModelKind::stt, config.models.stt);
  if (any(std::move(minds), p.llm_fallbacks, {"local", "llama"})) add(ModelKind::llm, config.models.llm);
  if (any({p.tts}, p.tts_fallbacks, {"local", "piper"})) add(ModelKind::tts, {});
  if (p.end_of_turn == "smart_turn") add(ModelKind::end_of_turn, {});
#endif
  return names;
}

providers::Registry offered_vendors(const config::Config& config) {
  providers::Registry registry;
  providers::local::register_local(registry, nullptr);
  add_remote(config, registry);
  return registry;
}

core::Result<> register_vendors(const config::Config& config, LocalEngines& engines, providers::Registry& registry,
                                services::VoiceCatalog& voices, const core::Logger& log) {
  if (const auto problems = check_configuration(config); !problems.empty()) {
    return core::fail(core::ErrorCode::invalid, problems.front().message, problems.front().key);
  }
  add_local(config, engines, registry, log);
  add_remote(config, registry);
  add_voices(config, engines, registry, voices);
#ifdef RETELL_LOCAL_MODELS
  if (const auto needed = local_models(config); !needed.empty()) {
    warn_of_absent_models(config, log);
    engines.impl->inference->warm_up(needed);
  }
#endif
  return {};
}

}  // namespace retell::app
