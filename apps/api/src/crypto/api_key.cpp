#include "crypto/api_key.hpp"

#include "core/ids.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {

std::string generate_api_key() { return core::make_id("key_", 24); }

std::string hash_api_key(std::string_view key) { return to_hex(sha256(key)); }

std::string api_key_hint(std::string_view key) { return std::string(key.substr(0, 8)) + "\xE2\x80\xA6"; }

}  // namespace retell::crypto
