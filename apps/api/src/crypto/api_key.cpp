#include "crypto/api_key.hpp"

#include "core/ids.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {

std::string generate_api_key() { return core::make_id("key_", 24); }

std::string generate_public_key() { return core::make_id("public_key_", 24); }

std::string generate_token(std::string_view prefix) { return core::make_id(prefix, 32); }

std::string hash_api_key(std::string_view key) { return to_hex(sha256(key)); }

std::string api_key_hint(std::string_view key) {
  constexpr std::size_t shown_digits = 4;
  const auto prefix = key.rfind('_');
  const auto start = prefix == std::string_view::npos ? 0 : prefix + 1;
  return std::string(key.substr(0, start + shown_digits)) + "\xE2\x80\xA6";
}

}  // namespace retell::crypto
