// Piper voices (VITS) through ONNX Runtime. Phonemes come from espeak-ng, run as a program of its own because it is
// GPL. A chunk is spoken clause by clause, so that the first audio comes after one clause's work. Several threads may
// speak.
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "providers/local/onnx_runtime.hpp"
#include "providers/local/piper_text.hpp"
#include "providers/local/synthesizer.hpp"

namespace retell::providers::local {

class PiperVoice final : public Synthesizer {
 public:
  // `folder` holds voice.onnx and voice.onnx.json. Loads on first use.
  explicit PiperVoice(std::filesystem::path folder);
  [[nodiscard]] std::string_view name() const override { return "piper"; }
  [[nodiscard]] core::Result<> synthesize(std::size_t thread, const SynthesisRequest& request,
                                          const SampleSink& sink) override;

 private:
  [[nodiscard]] core::Result<> load();
  [[nodiscard]] core::Result<std::string> phonemes(const Clause& clause) const;

  std::filesystem::path folder_;
  std::once_flag loading_;
  core::Result<> loaded_;
  PiperConfig config_;
  std::unique_ptr<OnnxSession> session_;
};

}  // namespace retell::providers::local
