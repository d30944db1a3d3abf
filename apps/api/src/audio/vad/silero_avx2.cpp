#include "audio/vad/silero_kernel.hpp"
#include "audio/vad/silero_steps.hpp"

namespace retell::audio {

#if defined(__x86_64__)
// The attribute is on this function alone, not on the file: nothing else compiled here can then end up, through the
// linker's choice among equal inline functions, on a machine without these instructions.
__attribute__((target("avx2,fma"))) float silero_step_avx2(const SileroWeights& weights, SileroState& state,
                                                           const std::int16_t* samples) {
  return kernel::step(weights, state, samples);
}
#endif

}  // namespace retell::audio
