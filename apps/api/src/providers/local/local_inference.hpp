// All engines inside the process, in one place: which model serves which call, loaded once and shared. Destroying it
// joins every engine's threads; they post to the workers' executors, so app/ declares it after the WorkerPool and
// destroys it when the calls have ended and before the pool itself goes.
// Functions may be called from any worker.
#pragma once
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "providers/end_of_turn.hpp"
#include "providers/llm.hpp"
#include "providers/local/manifest.hpp"
#include "providers/local/model_store.hpp"
#include "providers/stt.hpp"
#include "providers/tts.hpp"

namespace retell::providers::local {

class EngineThreads;
class LlamaEngine;
class SmartTurnEngine;
class Synthesizer;
class Transcriber;

// The other half carries the calls.
[[nodiscard]] inline std::size_t half_the_cores() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 16);
}

// One thread to a decode or a context: with more, each step waits for the slowest thread, and on a machine that also
// carries calls that is slower, not faster.
struct LocalOptions {
  std::filesystem::path cache = ModelStore::default_cache_dir();
  std::size_t transcriptions = half_the_cores();  // decoded at a time, of each model
  int threads_per_transcription = 1;
  std::size_t completions = 1;  // of the language model at a time
  int threads_per_completion = 1;
  int context_tokens = 4096;
  std::size_t voices = half_the_cores();  // chunks spoken at a time, of each voice engine
  std::string stt_model;                  // manifest names; empty: by the call's language
  std::string llm_model;
  core::Logger log;
};

// A voice that `tts` knows, for the list of voices.
struct LocalVoice {
  std::string id;  // what TtsOptions::voice takes: "joe", "slt", "pt-BR"
  std::string name;
  std::string language;  // BCP 47
  std::string gender;    // "male" or "female"
  bool present = true;   // false: its model has to be pulled first
};

class LocalInference {
 public:
  explicit LocalInference(LocalOptions options, const Manifest& manifest = builtin_manifest());
  ~LocalInference();

  // `engine`: "whisper", "pocketsphinx", or "local" for the best there is for the language.
  [[nodiscard]] core::Result<std::unique_ptr<Stt>> stt(std::string_view engine, SttOptions options);
  // `engine`: "piper", "flite", "espeak", or "local" for the best there is for the voice and language.
  [[nodiscard]] core::Result<std::unique_ptr<Tts>> tts(std::string_view engine, TtsOptions options);
  [[nodiscard]] core::Result<std::unique_ptr<Llm>> llm(LlmOptions options);
  [[nodiscard]] core::Result<std::unique_ptr<EndOfTurn>> end_of_turn(core::Executor executor);

  // What stt() decodes with, for whoever has whole recordings; of `options` language and model count. Lives as long as
  // this.
  [[nodiscard]] core::Result<Transcriber*> transcriber(std::string_view engine, const SttOptions& options);

  [[nodiscard]] std::vector<LocalVoice> voices() const;
  // Loads those of `models` (manifest names) that are present and that calls begin with, so that the first call does
  // not wait; the rest is loaded by the call that asks for it. Blocks (a second or two).
  void warm_up(const std::vector<std::string>& models);

 private:
  struct Engines;
  struct Voice {
    std::unique_ptr<Synthesizer> synthesizer;
    std::unique_ptr<EngineThreads> threads;
  };
  // The model asked for or configured if it understands the language, else the default of the language.
  [[nodiscard]] std::string whisper_model(const std::string& asked, std::string_view language) const;
  [[nodiscard]] std::string llm_model(const std::string& asked, std::string_view language) const;
  [[nodiscard]] core::Result<Voice*> voice(const std::string& name);
  [[nodiscard]] core::Result<LlamaEngine*> llama(const std::string& model);
  [[nodiscard]] core::Result<SmartTurnEngine*> smart_turn();
  [[nodiscard]] bool present(std::string_view model) const { return store_.folder(model).has_value(); }

  LocalOptions options_;
  ModelStore store_;
  mutable std::mutex mutex_;  // guards the engines' tables; the engines guard themselves
  std::unique_ptr<Engines> engines_;
};

}  // namespace retell::providers::local
