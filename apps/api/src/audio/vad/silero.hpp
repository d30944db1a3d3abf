// Silero VAD v6.2 (MIT) by our own kernel: the probability that a window of sound holds speech. About a quarter of
// ONNX Runtime's time, no library, both the 8 kHz and the 16 kHz network, so that a telephone call is never resampled
// for it. Equal to ONNX Runtime within 1e-4. The object is one call's state (1.3 kB); weights are shared. One owner.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace retell::audio {

struct SileroState {
  alignas(32) std::array<float, 128> hidden{};
  alignas(32) std::array<float, 128> cell{};
  alignas(
      32) std::array<float, 64> context{};  // the last 4 ms of the window before (half of it used at 8 kHz: 32 samples)
};

enum class SileroKernel : std::uint8_t {
  best,      // the fastest that this machine can run
  portable,  // any machine; on x86-64 it needs SSE2 only
  avx2,      // AVX2 and FMA
};

struct SileroWeights;

class SileroVad {
 public:
  // `rate` is 8000 or 16000 Hz. Throws std::invalid_argument for another rate or a kernel this machine cannot run.
  explicit SileroVad(int rate, SileroKernel kernel = SileroKernel::best);

  // Exactly window() samples; returns 0..1. Windows must follow each other without gaps.
  float process(std::span<const std::int16_t> samples);
  // For a window known to be silent: the network's memory stays as it is, only its input context moves on.
  void skip(std::span<const std::int16_t> samples);
  void reset() { state_ = {}; }

  [[nodiscard]] int rate() const;
  [[nodiscard]] std::size_t window() const;  // 512 samples at 16 kHz, 256 at 8 kHz: 32 ms
  [[nodiscard]] SileroKernel kernel() const { return kernel_; }

 private:
  const SileroWeights& weights_;
  SileroKernel kernel_;
  SileroState state_;
};

[[nodiscard]] bool can_run(SileroKernel kernel);
[[nodiscard]] const char* to_string(SileroKernel kernel);

}  // namespace retell::audio
