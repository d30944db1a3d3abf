// ITU-T G.711 companding: one byte per sample, the codec of the telephone network and of every carrier's media stream.
// Pure functions, any thread.
#pragma once
#include <cstdint>
#include <span>

namespace retell::audio {

inline constexpr std::uint8_t ulaw_silence = 0xFF;  // decodes to +0
inline constexpr std::uint8_t alaw_silence = 0xD5;  // decodes to +8, the smallest level A-law has

[[nodiscard]] std::uint8_t ulaw_encode(std::int16_t sample);
[[nodiscard]] std::int16_t ulaw_decode(std::uint8_t code);
[[nodiscard]] std::uint8_t alaw_encode(std::int16_t sample);
[[nodiscard]] std::int16_t alaw_decode(std::uint8_t code);

// Convert as many samples as both spans hold and return that number.
std::size_t ulaw_encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes);
std::size_t ulaw_decode(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples);
std::size_t alaw_encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes);
std::size_t alaw_decode(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples);

}  // namespace retell::audio
