// What a local voice engine has to do: turn one chunk of text into samples. Everything else of the Tts seam (order,
// cancelling, rates, word times) is done once, in LocalTts. Blocking; called on the engine's threads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::providers::local {

struct SynthesisRequest {
  std::string text;
  std::string voice;     // empty: the engine's default for the language
  std::string language;  // BCP 47
  double speed = 1.0;
  double temperature = 1.0;
};

// Takes samples in order, of any count, at the rate given (the same for all of one request). False: stop.
using SampleSink = std::function<bool(std::span<const std::int16_t> samples, int sample_rate)>;

class Synthesizer {
 public:
  virtual ~Synthesizer() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // `thread`: which of the engine's threads calls (0 .. threads-1). `cancelled` when the sink said stop.
  [[nodiscard]] virtual core::Result<> synthesize(std::size_t thread, const SynthesisRequest& request,
                                                  const SampleSink& sink) = 0;
};

}  // namespace retell::providers::local
