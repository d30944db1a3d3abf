#include "app/vendors.hpp"

#include <algorithm>
#include <filesystem>

#include "app/commands/common.hpp"
#include "config/settings.hpp"
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

// Every setting that names a vendor or a model that is not here.
class Checks {
 public:
  void vendor(const std::string& setting, const std::string& wanted, const std::vector<std::string>& known) {
    const auto name = wanted.substr(0, wanted.find(':'));  // "openai:some-model"
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    std::string names;
    for (const auto& one : known) names += (names.empty() ? "" : ", ") + one;
    problems_ +=
        "\n  " + setting + ": " + (name.empty() ? "nothing" : name) + " is not offered here; there are " + names;
    for (const auto& remote : providers::remote::vendors()) {
      if (name == remote.name)
        problems_ += " (it needs " + config::variable_name("providers." + name + ".api_key") + ")";
    }
  }
  void vendors(const std::string& setting, const std::vector<std::string>& wanted,
               const std::vector<std::string>& known) {
    for (const auto& one : wanted) vendor(setting, one, known);
  }
  void model([[maybe_unused]] const std::string& setting, [[maybe_unused]] const std::string& wanted) {
#ifdef RETELL_LOCAL_MODELS
    const auto& manifest = providers::local::builtin_manifest();
    if (wanted.empty() || manifest.find(wanted) != nullptr || manifest.find("whisper-" + wanted) != nullptr) return;
    problems_ += "\n  " + setting + ": no model is called " + wanted + " (see: retell models list)";
#endif
  }
  [[nodiscard]] core::Result<> outcome() const {
    if (problems_.empty()) return {};
    return core::fail(core::ErrorCode::invalid, "the configuration has errors:" + problems_);
  }

 private:
  std::string problems_;
};

#ifdef RETELL_LOCAL_MODELS
void warn_of_absent_models(const config::Config& config, const core::Logger& log) {
  const providers::local::ModelStore store(providers::local::builtin_manifest(), models_dir(config));
  std::string absent;
  for (const auto& stored : store.list()) {
    if (stored.model->is_default && !stored.present) absent += (absent.empty() ? "" : ", ") + stored.model->name;
  }
  if (!absent.empty())
    log.warn("local models are missing, and agents that need them cannot answer: {} (retell models pull --defaults)",
             absent);
}
#endif

core::Result<> check(const config::Config& config, const providers::Registry& registry) {
  const auto& p = config.providers;
  Checks checks;
  checks.vendor("providers.stt", p.stt, registry.stt_names());
  checks.vendor("providers.tts", p.tts, registry.tts_names());
  checks.vendor("providers.llm", p.llm, registry.llm_names());
  if (!p.end_of_turn.empty()) checks.vendor("providers.end_of_turn", p.end_of_turn, registry.end_of_turn_names());
  checks.vendors("providers.stt_fallbacks", p.stt_fallbacks, registry.stt_names());
  checks.vendors("providers.tts_fallbacks", p.tts_fallbacks, registry.tts_names());
  checks.vendors("providers.llm_fallbacks", p.llm_fallbacks, registry.llm_names());
  for (const auto& [name, choice] : p.llm_models)
    checks.vendor("providers.llm_models." + name, choice, registry.llm_names());
  for (const auto& voice : config.voices) checks.vendor("voices." + voice.id, voice.vendor, registry.tts_names());
  checks.model("models.stt", config.models.stt);
  checks.model("models.llm", config.models.llm);
  return checks.outcome();
}

}  // namespace

core::Result<> register_vendors(const config::Config& config, LocalEngines& engines, providers::Registry& registry,
                                services::VoiceCatalog& voices, const core::Logger& log) {
  add_local(config, engines, registry, log);
  add_remote(config, registry);
  add_voices(config, engines, registry, voices);
  if (auto sound = check(config, registry); !sound) return sound;
#ifdef RETELL_LOCAL_MODELS
  const auto& p = config.providers;
  if (p.stt == "local" || p.tts == "local" || p.llm == "local") {
    warn_of_absent_models(config, log);
    engines.impl->inference->warm_up();
  }
#endif
  return {};
}

}  // namespace retell::app
