#include "audio/vad/silero.hpp"

#include <stdexcept>

#include "audio/vad/silero_steps.hpp"
#include "audio/vad/silero_weights.hpp"

namespace retell::audio {

bool can_run(SileroKernel kernel) {
  if (kernel != SileroKernel::avx2) return true;
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
}

const char* to_string(SileroKernel kernel) {
  switch (kernel) {
    case SileroKernel::best:
      return "best";
    case SileroKernel::portable:
      return "portable";
    case SileroKernel::avx2:
      return "avx2";
  }
  return "best";
}

SileroVad::SileroVad(int rate, SileroKernel kernel) : weights_(silero_weights(rate)), kernel_(kernel) {
  if (kernel_ == SileroKernel::best) {
    kernel_ = can_run(SileroKernel::avx2) ? SileroKernel::avx2 : SileroKernel::portable;
  }
  if (!can_run(kernel_)) throw std::invalid_argument("this processor has no AVX2 and FMA");
}

int SileroVad::rate() const { return weights_.rate; }

std::size_t SileroVad::window() const { return 2 * weights_.fft; }

void SileroVad::skip(std::span<const std::int16_t> samples) {
  if (samples.size() != window()) throw std::invalid_argument("a voice activity window is 32 ms");
  const std::size_t context = weights_.fft / 4;
  const auto tail = samples.last(context);
  for (std::size_t i = 0; i < context; ++i) state_.context[i] = static_cast<float>(tail[i]) * (1.0F / 32768.0F);
}

float SileroVad::process(std::span<const std::int16_t> samples) {
  if (samples.size() != window()) throw std::invalid_argument("a voice activity window is 32 ms");
#if defined(__x86_64__)
  if (kernel_ == SileroKernel::avx2) return silero_step_avx2(weights_, state_, samples.data());
#endif
  return silero_step_portable(weights_, state_, samples.data());
}

}  // namespace retell::audio
