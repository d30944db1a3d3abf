// Log-mel spectrograms as Whisper's feature extractor makes them: 25 ms Hann windows every 10 ms at 16 kHz, centred
// with reflection at the ends, 80 bands on Slaney's mel scale. Smart Turn hears through it, and a Whisper model file
// holds the filter bank. Pure; any thread.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace retell::providers::local {

inline constexpr std::size_t mel_bands = 80;
inline constexpr std::size_t mel_window = 400;               // samples: 25 ms
inline constexpr std::size_t mel_hop = 160;                  // samples: 10 ms
inline constexpr std::size_t mel_bins = mel_window / 2 + 1;  // of the Fourier transform

// mel_bands x mel_bins, row-major: triangles between 0 and 8 kHz, each of unit area in hertz.
[[nodiscard]] std::vector<float> mel_filterbank();

class LogMel {
 public:
  LogMel();
  // `samples`: mono 16 kHz, more than 200. Returns mel_bands x (samples / 160), row-major, scaled as the model wants
  // it: log10, at most 8 below the maximum, (x + 4) / 4. With `normalise` the waveform first gets mean 0 and
  // variance 1.
  [[nodiscard]] std::vector<float> compute(std::span<const float> samples, bool normalise) const;

 private:
  struct Band {  // the filter bank is sparse: about 3 % of it is not zero
    std::size_t first = 0;
    std::vector<float> weights;
  };
  std::vector<Band> bands_;
  std::vector<double> window_;
  std::vector<double> cosines_;  // of 2 pi k / 400
  std::vector<double> sines_;
};

}  // namespace retell::providers::local
