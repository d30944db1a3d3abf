#include "audio/g711.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace retell::audio {
namespace {

// mu-law magnitudes are shifted by 33 of 8,159 steps (G.711 table 2a), here in 16-bit units, so that every segment
// starts at a power of two; the largest level is clipped to the last decision value.
constexpr int ulaw_bias = 33 * 4;
constexpr int ulaw_clip = 8159 * 4 - 1;

constexpr std::int16_t expand_ulaw(std::uint8_t code) {
  const auto bits = static_cast<unsigned>(code) ^ 0xFFU;  // sent inverted
  const unsigned segment = (bits >> 4) & 7U;
  const int level = static_cast<int>((((bits & 15U) << 3) + ulaw_bias) << segment) - ulaw_bias;
  return static_cast<std::int16_t>((bits & 0x80U) != 0 ? -level : level);
}

constexpr std::int16_t expand_alaw(std::uint8_t code) {
  const auto bits = static_cast<unsigned>(code) ^ 0x55U;  // even bits sent inverted
  const unsigned segment = (bits >> 4) & 7U;
  const unsigned step = ((bits & 15U) << 4) + 8U;
  const int level = static_cast<int>(segment == 0 ? step : (step + 0x100U) << (segment - 1U));
  return static_cast<std::int16_t>((bits & 0x80U) != 0 ? level : -level);
}

constexpr std::uint8_t compress_ulaw(std::int16_t sample) {
  const unsigned sign = sample < 0 ? 0x80U : 0U;
  const int magnitude = sample < 0 ? -static_cast<int>(sample) : static_cast<int>(sample);
  const auto level = static_cast<unsigned>(std::min(magnitude, ulaw_clip) + ulaw_bias);
  const auto segment = static_cast<unsigned>(std::bit_width(level)) - 8U;
  const unsigned step = (level >> (segment + 3U)) & 15U;
  return static_cast<std::uint8_t>((sign | (segment << 4) | step) ^ 0xFFU);
}

constexpr std::uint8_t compress_alaw(std::int16_t sample) {
  const unsigned sign = sample < 0 ? 0U : 0x80U;
  // One's complement of the negatives: both halves then have the same decision values.
  const auto level = static_cast<unsigned>(sample < 0 ? ~static_cast<int>(sample) : static_cast<int>(sample)) >> 4;
  const auto width = static_cast<unsigned>(std::bit_width(level));
  const unsigned segment = width > 4U ? width - 4U : 0U;
  const unsigned step = (segment > 1U ? level >> (segment - 1U) : level) & 15U;
  return static_cast<std::uint8_t>((sign | (segment << 4) | step) ^ 0x55U);
}

template <std::int16_t (*Expand)(std::uint8_t)>
constexpr std::array<std::int16_t, 256> table() {
  std::array<std::int16_t, 256> levels{};
  for (std::size_t code = 0; code < 256; ++code) levels[code] = Expand(static_cast<std::uint8_t>(code));
  return levels;
}
constexpr auto ulaw_levels = table<expand_ulaw>();
constexpr auto alaw_levels = table<expand_alaw>();

}  // namespace

std::uint8_t ulaw_encode(std::int16_t sample) { return compress_ulaw(sample); }
std::int16_t ulaw_decode(std::uint8_t code) { return ulaw_levels[code]; }
std::uint8_t alaw_encode(std::int16_t sample) { return compress_alaw(sample); }
std::int16_t alaw_decode(std::uint8_t code) { return alaw_levels[code]; }

std::size_t ulaw_encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes) {
  const std::size_t n = std::min(samples.size(), codes.size());
  for (std::size_t i = 0; i < n; ++i) codes[i] = compress_ulaw(samples[i]);
  return n;
}

std::size_t ulaw_decode(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples) {
  const std::size_t n = std::min(samples.size(), codes.size());
  for (std::size_t i = 0; i < n; ++i) samples[i] = ulaw_levels[codes[i]];
  return n;
}

std::size_t alaw_encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes) {
  const std::size_t n = std::min(samples.size(), codes.size());
  for (std::size_t i = 0; i < n; ++i) codes[i] = compress_alaw(samples[i]);
  return n;
}

std::size_t alaw_decode(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples) {
  const std::size_t n = std::min(samples.size(), codes.size());
  for (std::size_t i = 0; i < n; ++i) samples[i] = alaw_levels[codes[i]];
  return n;
}

}  // namespace retell::audio
