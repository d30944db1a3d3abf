// The unit of sound inside the server: 20 ms of mono signed 16-bit samples at 8 or 16 kHz, held inline, so a frame is
// copied as a value and never touches the heap. Any thread; a frame belongs to whoever holds it.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace retell::audio {

inline constexpr int frame_ms = 20;  // what carriers send (RFC 3551's default packet time)
inline constexpr std::chrono::milliseconds frame_duration{frame_ms};
inline constexpr int narrowband = 8000;  // Hz: the telephone
inline constexpr int wideband = 16000;   // Hz: what transcribers and the engine work at
inline constexpr std::size_t max_frame_samples = 320;

// Samples of one frame: 160 at 8 kHz, 320 at 16 kHz.
[[nodiscard]] constexpr std::size_t frame_samples(int sample_rate) {
  return static_cast<std::size_t>(sample_rate) * frame_ms / 1000;
}

[[nodiscard]] constexpr bool is_frame_rate(int sample_rate) {
  return sample_rate == narrowband || sample_rate == wideband;
}

// The level given for digital silence; no 16-bit signal that holds a nonzero sample is below -96 dBFS in its peak.
inline constexpr float silence_dbfs = -120.0F;

// Root mean square of the samples, 0..32768. Zero for an empty span.
[[nodiscard]] float rms(std::span<const std::int16_t> samples);

// Level relative to a full-scale square wave (rms 32768 = 0 dBFS), never below silence_dbfs.
[[nodiscard]] float dbfs(std::span<const std::int16_t> samples);

// Multiplies by `gain` (linear), rounding to nearest and saturating at the ends of the 16-bit range.
void apply_gain(std::span<std::int16_t> samples, float gain);

struct AudioFrame {
  int sample_rate = wideband;                          // Hz, narrowband or wideband
  std::array<std::int16_t, max_frame_samples> data{};  // the first size() are the frame

  AudioFrame() = default;  // 20 ms of silence at 16 kHz
  explicit AudioFrame(int rate) : sample_rate(rate) {}
  // Copies at most size() samples; what is missing stays silent.
  AudioFrame(int rate, std::span<const std::int16_t> from);

  [[nodiscard]] std::size_t size() const { return frame_samples(sample_rate); }
  [[nodiscard]] std::span<std::int16_t> samples() { return {data.data(), size()}; }
  [[nodiscard]] std::span<const std::int16_t> samples() const { return {data.data(), size()}; }

  [[nodiscard]] float rms() const { return audio::rms(samples()); }
  [[nodiscard]] float dbfs() const { return audio::dbfs(samples()); }
  // Below `threshold` dBFS; the default, -60, lies under the room noise of a telephone line and over mu-law's idle
  // code.
  [[nodiscard]] bool is_silent(float threshold = -60.0F) const { return dbfs() < threshold; }
  void apply_gain(float gain) { audio::apply_gain(samples(), gain); }
  void clear() { data.fill(0); }

  friend bool operator==(const AudioFrame& a, const AudioFrame& b);
};

}  // namespace retell::audio
