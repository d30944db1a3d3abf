// Digests and message authentication codes, as raw bytes.
#pragma once
#include <string>
#include <string_view>

namespace retell::crypto {

[[nodiscard]] std::string sha256(std::string_view data);                                // 32 bytes
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 bytes
[[nodiscard]] std::string hmac_sha1(std::string_view key, std::string_view message);    // 20 bytes; carriers only

// Compares in a time that depends on the lengths alone.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace retell::crypto
