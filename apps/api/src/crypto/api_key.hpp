// API keys: shown once, stored only as a digest.
#pragma once
#include <string>
#include <string_view>

namespace retell::crypto {

// "key_" and 48 hex digits: 192 random bits, so a plain SHA-256 of it cannot be searched.
[[nodiscard]] std::string generate_api_key();
// The same with "public_key_" before it: for web pages, where everybody can read it.
[[nodiscard]] std::string generate_public_key();
// "invite_…", "refresh_…": 256 random bits, stored by hash_api_key as well.
[[nodiscard]] std::string generate_token(std::string_view prefix);

// What the database holds: hex SHA-256 of the key.
[[nodiscard]] std::string hash_api_key(std::string_view key);

// The part that may be shown again to tell keys apart: "key_12ab…", "public_key_12ab…".
[[nodiscard]] std::string api_key_hint(std::string_view key);

}  // namespace retell::crypto
