#include "audio/vad/silero_kernel.hpp"
#include "audio/vad/silero_steps.hpp"

namespace retell::audio {

float silero_step_portable(const SileroWeights& weights, SileroState& state, const std::int16_t* samples) {
  return kernel::step(weights, state, samples);
}

}  // namespace retell::audio
