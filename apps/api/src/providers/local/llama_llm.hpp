// The Llm seam over a LlamaEngine. One per call; all functions on the call's worker.
#pragma once
#include <memory>
#include <string_view>

#include "providers/llm.hpp"
#include "providers/local/llama_engine.hpp"

namespace retell::providers::local {

class LlamaLlm final : public Llm {
 public:
  // `engine` outlives this.
  LlamaLlm(LlamaEngine& engine, LlmOptions options);
  [[nodiscard]] std::string_view name() const override { return "llama"; }
  void prewarm(const LlmRequest& prefix) override;
  [[nodiscard]] std::unique_ptr<LlmStream> stream(LlmRequest request, LlmHandler handler) override;

 private:
  LlamaEngine& engine_;
  LlmOptions options_;
  std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);

 public:
  ~LlamaLlm() override { gone_->store(true); }
  LlamaLlm(const LlamaLlm&) = delete;
  LlamaLlm& operator=(const LlamaLlm&) = delete;
};

}  // namespace retell::providers::local
