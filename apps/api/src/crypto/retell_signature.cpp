#include "crypto/retell_signature.hpp"

#include <charconv>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

std::string digest(std::string_view body, std::string_view api_key, std::int64_t ms) {
  return to_hex(hmac_sha256(api_key, std::string(body) + std::to_string(ms)));
}

}  // namespace

std::string sign_retell(std::string_view body, std::string_view api_key, std::int64_t now_ms) {
  return "v=" + std::to_string(now_ms) + ",d=" + digest(body, api_key, now_ms);
}

bool verify_retell(std::string_view body, std::string_view api_key, std::string_view header, std::int64_t now_ms) {
  constexpr std::size_t digest_digits = 64;
  if (!header.starts_with("v=")) return false;
  header.remove_prefix(2);
  std::int64_t ms = 0;
  const auto [end, problem] = std::from_chars(header.data(), header.data() + header.size(), ms);
  if (problem != std::errc() || ms < 0) return false;
  header.remove_prefix(static_cast<std::size_t>(end - header.data()));
  if (!header.starts_with(",d=") || header.size() != 3 + digest_digits) return false;
  header.remove_prefix(3);
  const auto age = now_ms > ms ? now_ms - ms : ms - now_ms;
  if (age > retell_signature_tolerance.count()) return false;
  return equal_constant_time(header, digest(body, api_key, ms));
}

}  // namespace retell::crypto
