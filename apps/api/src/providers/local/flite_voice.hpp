// CMU Flite, linked: English voices slt and rms (American) and awb (Scottish), 16 kHz, no download, about 50
// times faster than speech. flite's voices hold state while they speak: one engine thread.
#pragma once
#include "providers/local/synthesizer.hpp"

namespace retell::providers::local {

class FliteVoice final : public Synthesizer {
 public:
  FliteVoice();
  [[nodiscard]] std::string_view name() const override { return "flite"; }
  // Voices: "slt" (default), "rms", "awb".
  [[nodiscard]] core::Result<> synthesize(std::size_t thread, const SynthesisRequest& request,
                                          const SampleSink& sink) override;
};

}  // namespace retell::providers::local
