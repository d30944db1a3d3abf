// The tones of telephone keys: making them for calls we place, hearing them in calls whose carrier does not tell us.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "audio/frame.hpp"

namespace retell::audio {

// One of 0-9 * # A-D.
[[nodiscard]] bool is_dtmf_key(char key);

// The keys one after the other at -10 dBFS a tone. 100 ms of tone and of pause is what switches accept without doubt
// (ITU-T Q.24 asks at least 40 ms of each). Characters that are no keys are pauses of half a second, as "," is to
// modems.
[[nodiscard]] std::vector<std::int16_t> dtmf_tones(std::string_view keys, int sample_rate, int tone_ms = 100,
                                                   int pause_ms = 100);

// Hears keys in a stream of frames, with 20 ms Goertzel filters. A key is told once, when two frames in a row hold it
// and nothing much besides (speech rarely does). One owner, no heap.
class DtmfDetector {
 public:
  explicit DtmfDetector(int sample_rate);
  // The key that has just been recognised, if any. The frame must have the detector's rate.
  std::optional<char> push(const AudioFrame& frame);
  void reset();

 private:
  [[nodiscard]] char key_in(std::span<const std::int16_t> samples) const;

  std::array<float, 8> coefficients_{};
  char last_ = 0;    // key of the last frame, 0 for none
  char told_ = 0;    // key that is being held and was told
  int without_ = 0;  // frames without told_
};

}  // namespace retell::audio
