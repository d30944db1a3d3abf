// One language model in memory, shared by all calls: its weights once, and for each of its threads a context whose
// memory keeps several conversations side by side. A request continues from the longest beginning it shares with one of
// them: the next turn of a call, or another call of the same agent, does not pay for the prompt again. Any thread.
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
#include "providers/local/chat_prompt.hpp"
#include "providers/local/engine_threads.hpp"

struct llama_model;
struct llama_context;

namespace retell::providers::local {

struct LlamaReport {
  int prompt_tokens = 0;
  int reused_tokens = 0;  // of the prompt, found in memory
  int completion_tokens = 0;
  bool cut_off = false;  // max_tokens reached
};

struct LlamaJob {
  std::vector<ChatTurn> turns;
  int max_tokens = 512;  // 0: only compute the prompt
  double temperature = 0.3;
  std::function<bool()> abandoned;              // asked many times within a token, on any of the engine's threads
  std::function<void(std::string_view)> piece;  // text as it comes, not cut at characters; on the engine's thread
  std::function<void(core::Result<LlamaReport>)> done;
};

class LlamaEngine {
 public:
  struct Options {
    std::filesystem::path model;
    std::size_t threads = 1;      // completions at a time, each with a context of its own
    int threads_per_context = 1;  // with more, every token waits for the slowest: only on idle machines
    int context_tokens = 4096;    // of one conversation
    std::size_t queue = 32;
    core::Logger log;
  };
  explicit LlamaEngine(Options options);
  ~LlamaEngine();

  [[nodiscard]] bool submit(LlamaJob job, Priority priority);  // false: the queue is full
  [[nodiscard]] core::Result<> warm_up();                      // loads and computes a short prompt; blocks

 private:
  struct ModelDeleter {
    void operator()(llama_model* model) const;
  };
  struct ContextDeleter {
    void operator()(llama_context* context) const;
  };
  struct Sequence {  // a conversation in a context's memory
    std::vector<int> tokens;
    std::uint64_t used = 0;  // when last, in requests
  };
  struct Slot {
    const LlamaJob* running = nullptr;
    std::function<bool()> stop;  // asked by llama.cpp
    std::unique_ptr<llama_context, ContextDeleter> context;
    std::vector<Sequence> sequences;
    std::uint64_t requests = 0;
  };

  [[nodiscard]] core::Result<> load();
  [[nodiscard]] core::Result<> open_slot(Slot& slot);
  [[nodiscard]] bool wanted(const LlamaJob& job) const { return !job.abandoned() && !threads_.stopping(); }
  [[nodiscard]] core::Result<LlamaReport> complete(Slot& slot, const LlamaJob& job);
  [[nodiscard]] core::Result<std::vector<int>> tokenize(const LlamaJob& job) const;
  [[nodiscard]] std::string render(const std::vector<ChatTurn>& turns) const;
  [[nodiscard]] static std::size_t choose_sequence(Slot& slot, const std::vector<int>& tokens, int& reused);
  [[nodiscard]] core::Result<> feed(Slot& slot, std::size_t sequence, const std::vector<int>& tokens,
                                    const LlamaJob& job) const;

  Options options_;
  std::once_flag loading_;
  core::Result<> loaded_;
  std::unique_ptr<llama_model, ModelDeleter> model_;
  std::vector<Slot> slots_;  // one a thread
  EngineThreads threads_;    // last: stopped before what its jobs use goes away
};

}  // namespace retell::providers::local
