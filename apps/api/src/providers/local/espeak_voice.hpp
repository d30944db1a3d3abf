// espeak-ng as a program of its own (it is GPL: never linked): robotic, but it speaks Brazilian Portuguese and a
// hundred other languages without a download. 22.05 kHz. Any number of threads.
#pragma once
#include <string>

#include "providers/local/synthesizer.hpp"

namespace retell::providers::local {

class EspeakVoice final : public Synthesizer {
 public:
  [[nodiscard]] std::string_view name() const override { return "espeak"; }
  // Voice: one of espeak-ng's own names; empty: the language's.
  [[nodiscard]] core::Result<> synthesize(std::size_t thread, const SynthesisRequest& request,
                                          const SampleSink& sink) override;
};

// "pt-BR" -> "pt-br", as espeak-ng writes it; "multi" and empty -> "en-us".
[[nodiscard]] std::string espeak_language(std::string_view tag);

}  // namespace retell::providers::local
