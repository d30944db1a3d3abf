#include "crypto/jwt.hpp"

#include <optional>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

namespace bj = boost::json;

constexpr std::size_t longest_token = 4096;

std::optional<bj::object> decode_part(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  boost::system::error_code problem;
  auto value = bj::parse({text->data(), text->size()}, problem);
  if (problem || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

}  // namespace

JwtKey jwt_key(std::string_view secret) {
  constexpr std::size_t name_digits = 16;
  return {to_hex(hmac_sha256(secret, "retell jwt kid")).substr(0, name_digits), std::string(secret)};
}

std::string issue_jwt(const bj::object& claims, const JwtKey& key) {
  bj::object header{{"alg", "HS256"}, {"typ", "JWT"}};
  if (!key.id.empty()) header["kid"] = key.id;
  const auto text = to_base64url(bj::serialize(header)) + "." + to_base64url(bj::serialize(claims));
  return text + "." + to_base64url(hmac_sha256(key.secret, text));
}

core::Result<bj::object> check_jwt(std::string_view token, std::span<const JwtKey> keys, std::int64_t now_ms) {
  const auto refuse = [] { return core::fail(core::ErrorCode::unauthorized, "the access token is not valid"); };
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (token.size() > longest_token || first == std::string_view::npos || first == last) return refuse();
  const auto header = decode_part(token.substr(0, first));
  if (!header || text_claim(*header, "alg") != "HS256") return refuse();
  const auto name = text_claim(*header, "kid");
  bool signed_by_one = false;
  for (const auto& key : keys) {
    if (key.id != name) continue;
    const auto signature = to_base64url(hmac_sha256(key.secret, token.substr(0, last)));
    signed_by_one = equal_constant_time(signature, token.substr(last + 1)) || signed_by_one;
  }
  if (!signed_by_one) return refuse();
  auto claims = decode_part(token.substr(first + 1, last - first - 1));
  if (!claims) return refuse();
  const auto* expires = claims->if_contains("exp");
  if (expires == nullptr || !expires->is_int64() || expires->get_int64() < 0) return refuse();
  constexpr std::int64_t latest = 253'402'300'800;  // the year 10000, so that the product cannot overflow
  if (expires->get_int64() > latest) return refuse();
  if (now_ms >= expires->get_int64() * 1000) {
    return core::fail(core::ErrorCode::unauthorized, "the access token has expired");
  }
  return std::move(*claims);
}

bool looks_like_jwt(std::string_view text) {
  const auto first = text.find('.');
  return first != std::string_view::npos && text.find('.', first + 1) != std::string_view::npos &&
         text.starts_with("eyJ");
}

std::string text_claim(const bj::object& claims, std::string_view name) {
  const auto* value = claims.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

}  // namespace retell::crypto
