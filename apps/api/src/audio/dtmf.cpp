#include "audio/dtmf.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace retell::audio {
namespace {

// ITU-T Q.23: rows, then columns, in Hz.
constexpr std::array<float, 8> tones{697, 770, 852, 941, 1209, 1336, 1477, 1633};
constexpr std::string_view keypad = "123A456B789C*0#D";

constexpr double tone_amplitude = 32768.0 * 0.316 / 2;  // each of two: -10 dBFS at the crest
constexpr int silence_ms = 500;
constexpr int ramp_ms = 5;  // no click at either end

constexpr float min_level = 100.0F;  // rms of the frame: -50 dBFS
constexpr float min_share = 0.6F;    // of the frame's energy that the two tones must hold
constexpr float max_twist = 6.3F;    // 8 dB between the two, as Q.24 lets networks have
constexpr float next_best = 0.16F;   // the second tone of a group stays 8 dB below the first
constexpr int release_frames = 2;

}  // namespace

bool is_dtmf_key(char key) { return key != '\0' && keypad.find(key) != std::string_view::npos; }

std::vector<std::int16_t> dtmf_tones(std::string_view keys, int sample_rate, int tone_ms, int pause_ms) {
  const auto samples_of = [&](int ms) {
    return static_cast<std::size_t>(ms) * static_cast<std::size_t>(sample_rate) / 1000;
  };
  const std::size_t ramp = samples_of(ramp_ms);
  const std::size_t length = samples_of(tone_ms);
  std::vector<std::int16_t> out;
  for (const char key : keys) {
    if (!is_dtmf_key(key)) {
      out.resize(out.size() + samples_of(silence_ms));
      continue;
    }
    const std::size_t at = keypad.find(key);
    const double low = 2.0 * std::numbers::pi * tones[at / 4] / sample_rate;
    const double high = 2.0 * std::numbers::pi * tones[4 + at % 4] / sample_rate;
    for (std::size_t i = 0; i < length; ++i) {
      const auto edge = static_cast<double>(std::min({i + 1, length - i, ramp})) / static_cast<double>(ramp);
      const auto t = static_cast<double>(i);
      out.push_back(
          static_cast<std::int16_t>(std::lround(tone_amplitude * edge * (std::sin(low * t) + std::sin(high * t)))));
    }
    out.resize(out.size() + samples_of(pause_ms));
  }
  return out;
}

DtmfDetector::DtmfDetector(int sample_rate) {
  for (std::size_t i = 0; i < tones.size(); ++i) {
    coefficients_[i] = static_cast<float>(2.0 * std::cos(2.0 * std::numbers::pi * tones[i] / sample_rate));
  }
}

char DtmfDetector::key_in(std::span<const std::int16_t> samples) const {
  const float level = rms(samples);
  if (level < min_level) return 0;
  std::array<float, 8> before{};
  std::array<float, 8> last{};
  for (const std::int16_t sample : samples) {
    for (std::size_t k = 0; k < 8; ++k) {
      const float now = static_cast<float>(sample) + coefficients_[k] * last[k] - before[k];
      before[k] = last[k];
      last[k] = now;
    }
  }
  const auto n = static_cast<float>(samples.size());
  std::array<float, 8> power{};  // of a sine at the tone: its share of the frame's mean square
  for (std::size_t k = 0; k < 8; ++k) {
    power[k] = 2.0F * (last[k] * last[k] + before[k] * before[k] - coefficients_[k] * last[k] * before[k]) / (n * n);
  }
  const auto strongest = [&](std::size_t group) {
    const auto begin = power.begin() + static_cast<std::ptrdiff_t>(4 * group);
    return static_cast<std::size_t>(std::max_element(begin, begin + 4) - begin);
  };
  const std::size_t row = strongest(0);
  const std::size_t column = strongest(1);
  const float low = power[row];
  const float high = power[4 + column];
  if (low + high < min_share * level * level || low > max_twist * high || high > max_twist * low) return 0;
  for (std::size_t k = 0; k < 4; ++k) {
    if (k != row && power[k] > next_best * low) return 0;
    if (k != column && power[4 + k] > next_best * high) return 0;
  }
  return keypad[4 * row + column];
}

std::optional<char> DtmfDetector::push(const AudioFrame& frame) {
  const char key = key_in(frame.samples());
  without_ = key == told_ ? 0 : without_ + 1;
  if (without_ >= release_frames) told_ = 0;
  const bool confirmed = key != 0 && key == last_ && key != told_;
  last_ = key;
  if (!confirmed) return std::nullopt;
  told_ = key;
  without_ = 0;
  return key;
}

void DtmfDetector::reset() {
  last_ = 0;
  told_ = 0;
  without_ = 0;
}

}  // namespace retell::audio
