// Smart Turn v3: hears from the tone of the last 8 s whether the caller has finished. The engine is shared by all
// calls; a SmartTurn belongs to one call and is used on its worker.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/task.hpp"
#include "providers/end_of_turn.hpp"
#include "providers/local/engine_threads.hpp"
#include "providers/local/log_mel.hpp"
#include "providers/local/onnx_runtime.hpp"

namespace retell::providers::local {

class SmartTurnEngine {
 public:
  // `model`: smart-turn-v3.2-cpu.onnx. Loads on first use, on its own threads.
  SmartTurnEngine(std::filesystem::path model, std::size_t threads);
  ~SmartTurnEngine();

  // Probability that the caller has finished, of sound at `rate` (Hz). Blocks (about 40 ms): the engine's threads, or a
  // test.
  [[nodiscard]] core::Result<float> judge(std::span<const std::int16_t> audio, int rate);
  [[nodiscard]] core::Result<> warm_up();  // blocks
  [[nodiscard]] EngineThreads& threads() { return threads_; }

 private:
  [[nodiscard]] core::Result<> load();

  std::filesystem::path model_;
  std::once_flag loading_;
  core::Result<> loaded_;
  std::unique_ptr<OnnxSession> session_;
  LogMel mel_;
  EngineThreads threads_;  // last: stopped before what its jobs use goes away
};

class SmartTurn final : public EndOfTurn {
 public:
  // `engine` outlives this. Answers come on `executor`.
  SmartTurn(SmartTurnEngine& engine, core::Executor executor);
  ~SmartTurn() override;
  SmartTurn(const SmartTurn&) = delete;
  SmartTurn& operator=(const SmartTurn&) = delete;
  void ask(std::span<const std::int16_t> audio, int rate, std::function<void(float probability)> answer) override;

 private:
  struct Question;
  void forget();
  SmartTurnEngine& engine_;
  core::Executor executor_;
  std::shared_ptr<Question> open_;
};

}  // namespace retell::providers::local
