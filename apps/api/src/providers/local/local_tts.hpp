// The Tts seam over a Synthesizer and its threads. One per call; all functions on the call's worker.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/local/engine_threads.hpp"
#include "providers/local/synthesizer.hpp"
#include "providers/tts.hpp"

namespace retell::providers::local {

class LocalTts final : public Tts {
 public:
  // Both outlive this.
  LocalTts(Synthesizer& synthesizer, EngineThreads& threads, TtsOptions options);
  [[nodiscard]] std::string_view name() const override { return synthesizer_.name(); }
  [[nodiscard]] std::unique_ptr<TtsStream> open(TtsHandler handler) override;

 private:
  Synthesizer& synthesizer_;
  EngineThreads& threads_;
  TtsOptions options_;
};

// Word times for engines that give none: the spoken span [start_ms, end_ms) is dealt out by the words' lengths, with a
// pause's worth after punctuation.
[[nodiscard]] std::vector<SpokenWord> estimate_words(std::string_view text, int start_ms, int end_ms);

}  // namespace retell::providers::local
