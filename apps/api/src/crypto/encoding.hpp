// Bytes as text: hexadecimal, base64 (RFC 4648) and its URL-safe form without padding, and what may stand in a URL.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace retell::crypto {

[[nodiscard]] std::string to_hex(std::string_view bytes);  // lower case
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::string to_base64url(std::string_view bytes);
// RFC 3986: its unreserved characters stay, and those in `kept`.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view kept = {});

// Strict decoding; nothing for any character, length or padding that the encoders above would not produce.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

}  // namespace retell::crypto
