// The networks of Silero VAD v6.2 as they lie in the binary: written by scripts/models/convert_silero.py, shared by all
// calls, never copied. Any thread.
#pragma once
#include <cstddef>
#include <cstdint>

namespace retell::audio {

// Every pointer is 64-byte aligned. Layouts in brackets, outermost first; `bins` is fft / 2 + 1.
struct SileroWeights {
  int rate = 0;         // Hz
  std::size_t fft = 0;  // window of one spectrum; hop is half of it, a step of the network sees 2 * fft new samples
  const float* window = nullptr;     // [fft]
  const float* cosines = nullptr;    // [fft / 2] of 2 pi i / fft
  const float* sines = nullptr;      // [fft / 2]
  const float* conv1 = nullptr;      // [8][bins][3 taps][16], 128 outputs
  const float* bias1 = nullptr;      // [128]
  const float* conv2 = nullptr;      // [2][128][3 taps][32], 64 outputs, stride 2
  const float* bias2 = nullptr;      // [64]
  const float* conv3 = nullptr;      // [64][2 taps][64], stride 2: the first tap meets only padding
  const float* bias3 = nullptr;      // [64]
  const float* conv4 = nullptr;      // [2][64][64], 128 outputs: of three taps only the middle one meets data
  const float* bias4 = nullptr;      // [128]
  const float* lstm = nullptr;       // [8][256 inputs: 128 of the encoder, 128 of the last output][64], gates i f g o
  const float* lstm_bias = nullptr;  // [512]
  const float* out = nullptr;        // [128]
  float out_bias = 0.0F;
};

// `rate` is 8000 or 16000; anything else throws std::invalid_argument.
[[nodiscard]] const SileroWeights& silero_weights(int rate);

// FNV-1a 64 of a network's words as computed now and as the converter wrote it: equal in a sound binary.
struct SileroChecksum {
  std::uint64_t computed = 0;
  std::uint64_t written = 0;
};
[[nodiscard]] SileroChecksum silero_checksum(int rate);

}  // namespace retell::audio
