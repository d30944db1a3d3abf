#include "crypto/signed_url.hpp"

#include <charconv>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

std::string digest(std::string_view path, std::string_view expires, std::string_view secret) {
  std::string message("retell signed path v1\n");
  message.append(expires).append("\n").append(path);
  return to_hex(hmac_sha256(secret, message));
}

}  // namespace

std::string sign_path(std::string_view path, std::int64_t expires_ms, std::string_view secret) {
  const auto expires = std::to_string(expires_ms);
  return std::string(path) + "?expires=" + expires + "&signature=" + digest(path, expires, secret);
}

bool verify_path(std::string_view path, std::string_view expires, std::string_view signature, std::string_view secret,
                 std::int64_t now_ms) {
  std::int64_t until = 0;
  const auto [end, problem] = std::from_chars(expires.data(), expires.data() + expires.size(), until);
  if (problem != std::errc() || end != expires.data() + expires.size()) return false;
  if (until != 0 && now_ms >= until) return false;
  return equal_constant_time(signature, digest(path, expires, secret));
}

}  // namespace retell::crypto
