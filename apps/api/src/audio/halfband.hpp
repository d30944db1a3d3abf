// Doubling and halving the sample rate with one linear-phase half-band filter: a tenth of what a general resampler
// costs on the media path, where every narrowband call pays it 100 times a second. State is kept between calls, so
// cutting the signal into frames changes nothing. One owner.
//   pass band 0-3,500 Hz within 0.014 dB, stop band from 4,500 Hz at -62 dB or less (both at 16 kHz)
//   delay 27 samples at the higher rate (1.69 ms at 16 kHz)
#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace retell::audio {

inline constexpr std::size_t halfband_taps = 28;    // of the branch that is not a pure delay
inline constexpr std::size_t halfband_delay = 27;   // samples at the higher rate
inline constexpr std::size_t halfband_block = 320;  // samples of one inner step at the lower rate

class HalfbandUpsampler {
 public:
  // Writes exactly 2 * in.size() samples; `out` must hold them.
  void process(std::span<const std::int16_t> in, std::span<std::int16_t> out);
  void reset() { history_.fill(0.0F); }

 private:
  void block(std::span<const std::int16_t> in, std::int16_t* out);
  std::array<float, halfband_taps - 1> history_{};
};

class HalfbandDownsampler {
 public:
  // Writes one sample for every two read, an odd one being kept for the next call: at most (in.size() + 1) / 2.
  // Returns how many.
  std::size_t process(std::span<const std::int16_t> in, std::span<std::int16_t> out);
  void reset();

 private:
  void block(const std::int16_t* pairs, std::size_t count, std::int16_t* out);
  std::array<float, halfband_taps - 1> even_{};  // history of the filtered branch
  std::array<float, halfband_taps / 2> odd_{};   // history of the delayed branch
  std::int16_t kept_ = 0;
  bool has_kept_ = false;
};

}  // namespace retell::audio
