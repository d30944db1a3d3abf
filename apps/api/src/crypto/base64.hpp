// Base64 (RFC 4648) for sound in messages: straight between a caller's buffers, 12 bits a step. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace retell::crypto {

[[nodiscard]] constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// Appends the text of `bytes`, padded.
void append_base64(std::span<const std::uint8_t> bytes, std::string& out);

// Decodes into `out`, which must hold text.size() / 4 * 3 bytes; gives how many were written. Nothing for text that is
// not padded to fours or holds other characters. Bits behind the last byte are not looked at.
[[nodiscard]] std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::uint8_t> out);

}  // namespace retell::crypto
