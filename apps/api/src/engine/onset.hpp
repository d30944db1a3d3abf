// Where a synthesiser's own silence ends and its speech begins: 150-250 ms with many vendors, which the caller would
// hear as latency. Pure.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

namespace retell::engine {

inline constexpr int silence_peak = 200;            // of 32768: -44 dBFS
inline constexpr std::size_t kept_silence_ms = 10;  // a soft onset is not cut

// How many of the samples to leave out at the beginning; nothing when all of them are silent.
[[nodiscard]] inline std::optional<std::size_t> silence_before_onset(std::span<const std::int16_t> samples,
                                                                     int sample_rate) {
  const auto audible = std::find_if(samples.begin(), samples.end(),
                                    [](std::int16_t s) { return std::abs(static_cast<int>(s)) > silence_peak; });
  if (audible == samples.end()) return std::nullopt;
  const auto keep = static_cast<std::size_t>(sample_rate) * kept_silence_ms / 1000;
  const auto silent = static_cast<std::size_t>(audible - samples.begin());
  return silent > keep ? silent - keep : 0;
}

}  // namespace retell::engine
