// The kernel as compiled for each kind of machine. Inside vad/ only.
#pragma once
#include <cstdint>

#include "audio/vad/silero.hpp"
#include "audio/vad/silero_weights.hpp"

namespace retell::audio {

float silero_step_portable(const SileroWeights& weights, SileroState& state, const std::int16_t* samples);

#if defined(__x86_64__)
// Only where the processor has AVX2 and FMA.
float silero_step_avx2(const SileroWeights& weights, SileroState& state, const std::int16_t* samples);
#endif

}  // namespace retell::audio
