#include "audio/frame.hpp"

#include <algorithm>
#include <cmath>

namespace retell::audio {

float rms(std::span<const std::int16_t> samples) {
  if (samples.empty()) return 0.0F;
  std::int64_t sum = 0;
  for (const std::int16_t s : samples) sum += std::int64_t{s} * s;
  return static_cast<float>(std::sqrt(static_cast<double>(sum) / static_cast<double>(samples.size())));
}

float dbfs(std::span<const std::int16_t> samples) {
  const float level = rms(samples);
  if (level <= 0.0F) return silence_dbfs;
  return std::max(silence_dbfs, 20.0F * std::log10(level / 32768.0F));
}

void apply_gain(std::span<std::int16_t> samples, float gain) {
  for (std::int16_t& s : samples) {
    const float scaled = std::clamp(static_cast<float>(s) * gain, -32768.0F, 32767.0F);
    s = static_cast<std::int16_t>(std::nearbyint(scaled));
  }
}

AudioFrame::AudioFrame(int rate, std::span<const std::int16_t> from) : sample_rate(rate) {
  const auto n = std::min(from.size(), size());
  std::copy_n(from.begin(), n, data.begin());
}

bool operator==(const AudioFrame& a, const AudioFrame& b) {
  return a.sample_rate == b.sample_rate && std::ranges::equal(a.samples(), b.samples());
}

}  // namespace retell::audio
