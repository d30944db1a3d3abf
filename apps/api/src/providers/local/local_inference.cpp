#include "providers/local/local_inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "providers/local/child_process.hpp"
#include "providers/local/engine_threads.hpp"
#include "providers/local/espeak_voice.hpp"
#include "providers/local/flite_voice.hpp"
#include "providers/local/llama_engine.hpp"
#include "providers/local/llama_llm.hpp"
#include "providers/local/local_tts.hpp"
#include "providers/local/piper_voice.hpp"
#include "providers/local/pocketsphinx_engine.hpp"
#include "providers/local/segment_stt.hpp"
#include "providers/local/smart_turn.hpp"
#include "providers/local/transcript_text.hpp"
#include "providers/local/whisper_engine.hpp"

namespace retell::providers::local {
namespace {

constexpr std::size_t waiting_chunks = 256;  // of all calls together, for one voice engine

constexpr auto default_llm = "smollm2-135m-instruct";

struct KnownVoice {
  std::string_view id;
  std::string_view name;
  std::string_view language;
  std::string_view gender;
  std::string_view engine;   // piper, flite or espeak
  std::string_view model;    // of piper: the manifest's name
  std::string_view instead;  // the flite voice that speaks while the model is absent
};
// The first of a language is its default.
constexpr std::array<KnownVoice, 6> known_voices = {{
    {"joe", "Joe (Piper)", "en-US", "male", "piper", "piper-en_US-joe-medium", "rms"},
    {"slt", "Susan (flite)", "en-US", "female", "flite", "", ""},
    {"rms", "Rick (flite)", "en-US", "male", "flite", "", ""},
    {"awb", "Alan (flite)", "en-GB", "male", "flite", "", ""},
    {"faber", "Faber (Piper)", "pt-BR", "male", "piper", "piper-pt_BR-faber-medium", ""},
    {"pt-BR", "Brazilian Portuguese (espeak)", "pt-BR", "male", "espeak", "", ""},
}};

const KnownVoice* find_voice(std::string_view id) {
  const auto found = std::find_if(known_voices.begin(), known_voices.end(), [&](const KnownVoice& voice) {
    return voice.id == id || (!voice.model.empty() && voice.model == id);
  });
  return found == known_voices.end() ? nullptr : &*found;
}

}  // namespace

struct LocalInference::Engines {
  std::map<std::string, std::unique_ptr<Transcriber>, std::less<>> transcribers;  // by model
  std::map<std::string, Voice, std::less<>> voices;                               // "flite", "espeak", a piper model
  std::map<std::string, std::unique_ptr<LlamaEngine>, std::less<>> llamas;        // by model
  std::unique_ptr<SmartTurnEngine> smart_turn;
};

LocalInference::LocalInference(LocalOptions options, const Manifest& manifest)
    : options_(std::move(options)),
      store_(manifest, options_.cache, options_.log),
      engines_(std::make_unique<Engines>()) {}

LocalInference::~LocalInference() = default;

std::string LocalInference::whisper_model(const std::string& asked, std::string_view language) const {
  // A name that is not in the manifest belongs to another vendor: an agent may have been made for one.
  for (const auto& name : {asked, "whisper-" + asked, options_.stt_model, "whisper-" + options_.stt_model}) {
    const auto* model = store_.manifest().find(name);
    if (model == nullptr || model->engine != ModelEngine::whisper) continue;
    if (speaks(*model, language)) return name;
  }
  return language == "en" ? "whisper-tiny.en" : "whisper-base";
}

core::Result<Transcriber*> LocalInference::transcriber(std::string_view engine, const SttOptions& options) {
  const auto language = language_code(options.language);
  const auto model = whisper_model(options.model, language);
  const bool wants_sphinx = engine == "pocketsphinx" || (engine == "local" && language == "en" && !present(model));
  const std::lock_guard lock(mutex_);
  if (wants_sphinx) {
    if (language != "en") return core::fail(core::ErrorCode::unprocessable, "pocketsphinx understands English only");
    auto& sphinx = engines_->transcribers["pocketsphinx"];
    if (!sphinx) sphinx = std::make_unique<PocketSphinxEngine>(options_.transcriptions);
    return sphinx.get();
  }
  const auto path = store_.path(model);
  if (!path) return tl::unexpected(path.error());
  auto& whisper = engines_->transcribers[model];
  if (!whisper) {
    whisper = std::make_unique<WhisperEngine>(
        WhisperEngine::Options{*path, options_.transcriptions, options_.threads_per_transcription, 64, options_.log});
  }
  return whisper.get();
}

core::Result<std::unique_ptr<Stt>> LocalInference::stt(std::string_view engine, SttOptions options) {
  const auto found = transcriber(engine, options);
  if (!found) return tl::unexpected(found.error());
  return std::make_unique<SegmentStt>(**found, std::move(options));
}

core::Result<LocalInference::Voice*> LocalInference::voice(const std::string& name) {
  std::unique_ptr<Synthesizer> made;
  const std::lock_guard lock(mutex_);
  auto& voice = engines_->voices[name];
  if (voice.synthesizer) return &voice;
  std::size_t threads = options_.voices;
  if (name == "flite") {
    made = std::make_unique<FliteVoice>();
    threads = 1;  // its voices hold state while they speak
  } else if (name == "espeak") {
    if (!program_exists("espeak-ng")) {
      return core::fail(core::ErrorCode::unavailable, "espeak-ng is not installed (Debian package espeak-ng)");
    }
    made = std::make_unique<EspeakVoice>();
  } else {
    if (!program_exists("espeak-ng")) {
      return core::fail(core::ErrorCode::unavailable, "Piper voices need espeak-ng (Debian package espeak-ng)");
    }
    auto folder = store_.folder(name);
    if (!folder) return tl::unexpected(folder.error());
    made = std::make_unique<PiperVoice>(std::move(*folder));
  }
  voice.synthesizer = std::move(made);
  voice.threads = std::make_unique<EngineThreads>(name.substr(0, name.find('-')), threads, waiting_chunks);
  return &voice;
}

core::Result<std::unique_ptr<Tts>> LocalInference::tts(std::string_view engine, TtsOptions options) {
  std::string_view wanted = options.voice;
  if (wanted.starts_with("local-")) wanted.remove_prefix(6);
  const auto language = language_code(options.language);
  const KnownVoice* known = find_voice(wanted);
  if (known == nullptr && wanted.empty()) {
    for (const auto& candidate : known_voices) {
      const bool speaks = language_code(candidate.language) == language || (language.empty() && candidate.id == "joe");
      const bool right_engine = engine == "local" || engine == candidate.engine;
      const bool here = candidate.model.empty() || present(candidate.model) || !candidate.instead.empty();
      if (speaks && right_engine && here) {
        known = &candidate;
        break;
      }
    }
  }
  std::string name;
  if (known != nullptr && known->engine == "piper" && !present(known->model) && !known->instead.empty()) {
    options_.log.warn("the voice '{}' is not on this machine; flite speaks instead (retell models pull {})", known->id,
                      known->model);
    known = find_voice(known->instead);
  }
  if (known != nullptr) {
    name = known->engine == "piper" ? std::string(known->model) : std::string(known->engine);
    options.voice = known->engine == "flite" ? std::string(known->id) : std::string();
    if (known->engine == "espeak") options.language = std::string(known->language);
  } else if (engine == "piper" || wanted.starts_with("piper-")) {
    name = std::string(wanted);
    options.voice.clear();
  } else if (engine == "flite") {
    name = "flite";
    options.voice = std::string(wanted);
  } else {
    name = "espeak";  // any other language, or one of espeak's own voices
    options.voice = std::string(wanted);
  }
  const auto found = voice(name);
  if (!found) return tl::unexpected(found.error());
  return std::make_unique<LocalTts>(*(*found)->synthesizer, *(*found)->threads, std::move(options));
}

core::Result<LlamaEngine*> LocalInference::llama(const std::string& model) {
  const auto path = store_.path(model);
  if (!path) return tl::unexpected(path.error());
  const std::lock_guard lock(mutex_);
  auto& engine = engines_->llamas[model];
  if (!engine) {
    engine = std::make_unique<LlamaEngine>(LlamaEngine::Options{
        *path, options_.completions, options_.threads_per_completion, options_.context_tokens, 32, options_.log});
  }
  return engine.get();
}

// An agent made for another vendor names a model that is not here: then the configured one answers, or the default if
// it speaks the language, or else the first that is here and does.
std::string LocalInference::llm_model(const std::string& asked, std::string_view language) const {
  if (store_.manifest().find(asked) != nullptr) return asked;
  if (!options_.llm_model.empty()) return options_.llm_model;
  if (language.empty() || language == "en") return default_llm;
  for (const auto& model : store_.manifest().models) {
    if (model.kind == ModelKind::llm && present(model.name) && speaks(model, language)) return model.name;
  }
  return default_llm;
}

core::Result<std::unique_ptr<Llm>> LocalInference::llm(LlmOptions options) {
  const auto engine = llama(llm_model(options.model, language_code(options.language)));
  if (!engine) return tl::unexpected(engine.error());
  return std::make_unique<LlamaLlm>(**engine, std::move(options));
}

core::Result<SmartTurnEngine*> LocalInference::smart_turn() {
  const auto path = store_.path("smart-turn-v3.2");
  if (!path) return tl::unexpected(path.error());
  const std::lock_guard lock(mutex_);
  if (!engines_->smart_turn) engines_->smart_turn = std::make_unique<SmartTurnEngine>(*path, 1);
  return engines_->smart_turn.get();
}

core::Result<std::unique_ptr<EndOfTurn>> LocalInference::end_of_turn(core::Executor executor) {
  const auto engine = smart_turn();
  if (!engine) return tl::unexpected(engine.error());
  return std::make_unique<SmartTurn>(**engine, std::move(executor));
}

std::vector<LocalVoice> LocalInference::voices() const {
  std::vector<LocalVoice> out;
  out.reserve(known_voices.size());
  for (const auto& voice : known_voices) {
    out.push_back({std::string(voice.id), std::string(voice.name), std::string(voice.language),
                   std::string(voice.gender), voice.model.empty() || present(voice.model)});
  }
  return out;
}

// Each model takes about half a second of one core to load: side by side, the server starts sooner.
void LocalInference::warm_up(const std::vector<std::string>& models) {
  std::vector<std::jthread> loading;
  const auto load = [&](const char* what, auto prepare) {
    loading.emplace_back([this, what, prepare = std::move(prepare)] {
      if (const auto result = prepare(); !result)
        options_.log.warn("{} could not be prepared: {}", what, result.error().message);
    });
  };
  const auto warm = [](auto* engine) { return [engine] { return engine->warm_up(); }; };
  const auto wanted = [&](std::string_view model) {
    return std::find(models.begin(), models.end(), model) != models.end() && present(model);
  };
  if (wanted(whisper_model({}, "en"))) {
    if (const auto engine = transcriber("whisper", {})) load("the transcriber", warm(*engine));
  }
  const auto model = llm_model({}, "en");
  if (wanted(model)) {
    if (const auto engine = llama(model)) load("the language model", warm(*engine));
  }
  if (const auto speaks = find_voice("joe"); wanted(speaks->model)) {
    if (const auto found = voice(std::string(speaks->model))) {
      load("the voice", [synthesizer = (*found)->synthesizer.get()] {
        SynthesisRequest request;
        request.text = "Hello.";
        return synthesizer->synthesize(0, request, [](std::span<const std::int16_t>, int) { return true; });
      });
    }
  }
  if (wanted("smart-turn-v3.2")) {
    if (const auto engine = smart_turn()) load("the end-of-turn model", warm(*engine));
  }
}

}  // namespace retell::providers::local
