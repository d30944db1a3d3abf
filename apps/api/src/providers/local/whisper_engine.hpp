// One Whisper model in memory, shared by all calls: its weights once, a decoding state for each of its threads. Loads
// on first use, on its own threads. Any thread.
#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "providers/local/engine_threads.hpp"

struct whisper_context;
struct whisper_state;

namespace retell::providers::local {

struct WhisperJob {
  std::vector<float> samples;                  // 16 kHz mono, -1..1, at most 30 s
  std::string language;                        // ISO 639-1; empty: let the model tell. English-only models ignore it
  std::string prompt;                          // words to expect
  std::shared_ptr<std::atomic<bool>> abandon;  // set by whoever no longer wants the answer; looked at every few ms
  // On the engine's thread. `cancelled` when abandoned.
  std::function<void(core::Result<std::string>)> done;
};

class WhisperEngine {
 public:
  struct Options {
    std::filesystem::path model;
    std::size_t threads = 1;     // decodes at a time
    int threads_per_decode = 1;  // more helps only on an idle machine: every step waits for the slowest
    std::size_t queue = 64;
    core::Logger log;
  };
  explicit WhisperEngine(Options options);
  ~WhisperEngine();

  // False when the queue is full.
  [[nodiscard]] bool submit(WhisperJob job, Priority priority);
  [[nodiscard]] bool has_idle() const { return threads_.has_idle(); }
  // Loads and decodes a second of silence, so that the first caller does not wait for it. Blocks.
  [[nodiscard]] core::Result<> warm_up();

  std::atomic<int> streams{0};  // open ones; for admission
  [[nodiscard]] std::size_t threads() const { return options_.threads; }

 private:
  struct ContextDeleter {
    void operator()(whisper_context* context) const;
  };
  struct StateDeleter {
    void operator()(whisper_state* state) const;
  };
  [[nodiscard]] core::Result<> load();
  [[nodiscard]] core::Result<std::string> decode(std::size_t thread, const WhisperJob& job);

  Options options_;
  std::once_flag loading_;
  core::Result<> loaded_;
  std::unique_ptr<whisper_context, ContextDeleter> context_;
  std::vector<std::unique_ptr<whisper_state, StateDeleter>> states_;  // one a thread
  EngineThreads threads_;  // last: stopped before what its jobs use goes away
};

// What Whisper writes for noise ("[BLANK_AUDIO]", "(music)", "*sighs*") taken out, white space tidied.
[[nodiscard]] std::string without_sound_marks(std::string_view text);
// Sentences that only say the one before them again (wholly, or its beginning) taken out.
[[nodiscard]] std::string without_repetition(std::string_view text);

}  // namespace retell::providers::local
