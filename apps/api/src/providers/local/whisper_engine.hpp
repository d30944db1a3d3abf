// One Whisper model in memory, shared by all calls: its weights once, a decoding state for each of its threads. Loads
// on first use, on its own threads. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "providers/local/engine_threads.hpp"
#include "providers/local/transcriber.hpp"

struct whisper_context;
struct whisper_state;

namespace retell::providers::local {

class WhisperEngine final : public Transcriber {
 public:
  struct Options {
    std::filesystem::path model;
    std::size_t threads = 1;     // decodes at a time
    int threads_per_decode = 1;  // more helps only on an idle machine: every step waits for the slowest
    std::size_t queue = 64;
    core::Logger log;
  };
  explicit WhisperEngine(Options options);
  ~WhisperEngine() override;

  [[nodiscard]] std::string_view name() const override { return "whisper"; }
  [[nodiscard]] bool submit(TranscriptionJob job, Priority priority) override;
  [[nodiscard]] bool has_idle() const override { return threads_.has_idle(); }
  [[nodiscard]] std::size_t threads() const override { return options_.threads; }
  // Decodes that began to repeat themselves and had to be cut: few, or the model does not hear where the caller ended.
  [[nodiscard]] std::uint64_t repetitions() const { return repetitions_.load(); }

 private:
  struct ContextDeleter {
    void operator()(whisper_context* context) const;
  };
  struct StateDeleter {
    void operator()(whisper_state* state) const;
  };
  [[nodiscard]] core::Result<> load();
  [[nodiscard]] core::Result<std::string> decode(std::size_t thread, const TranscriptionJob& job);

  Options options_;
  std::once_flag loading_;
  core::Result<> loaded_;
  std::atomic<std::uint64_t> repetitions_{0};
  std::unique_ptr<whisper_context, ContextDeleter> context_;
  std::vector<std::unique_ptr<whisper_state, StateDeleter>> states_;  // one a thread
  EngineThreads threads_;  // last: stopped before what its jobs use goes away
};

}  // namespace retell::providers::local
