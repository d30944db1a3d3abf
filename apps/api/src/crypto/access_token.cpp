#include "crypto/access_token.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <limits>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

namespace bj = boost::json;

constexpr std::size_t longest_token = 4096;

std::optional<std::string> text_member(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<bj::object> decode_part(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  boost::system::error_code problem;
  auto value = bj::parse({text->data(), text->size()}, problem);
  if (problem || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

}  // namespace

std::string issue_access_token(const AccessClaims& claims, std::string_view secret) {
  const bj::object payload{{"call_id", claims.call_id},
                           {"org", claims.organization_id},
                           {"identity", claims.identity},
                           {"exp", (claims.expires_at_ms + 999) / 1000}};
  const auto text = to_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + to_base64url(bj::serialize(payload));
  return text + "." + to_base64url(hmac_sha256(secret, text));
}

core::Result<AccessClaims> check_access_token(std::string_view token, std::string_view secret, std::int64_t now_ms) {
  const auto refuse = [] { return core::fail(core::ErrorCode::unauthorized, "the access token is not valid"); };
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (token.size() > longest_token || first == std::string_view::npos || first == last) return refuse();
  const auto signature = to_base64url(hmac_sha256(secret, token.substr(0, last)));
  if (!equal_constant_time(signature, token.substr(last + 1))) return refuse();
  const auto header = decode_part(token.substr(0, first));
  const auto payload = decode_part(token.substr(first + 1, last - first - 1));
  if (!header || !payload || text_member(*header, "alg") != "HS256") return refuse();
  const auto call = text_member(*payload, "call_id");
  const auto organization = text_member(*payload, "org");
  const auto identity = text_member(*payload, "identity");
  const auto* expires = payload->if_contains("exp");
  if (!call || !organization || !identity || expires == nullptr || !expires->is_int64()) return refuse();
  constexpr auto latest = std::numeric_limits<std::int64_t>::max() / 1000;
  const std::int64_t expires_ms = std::clamp(expires->get_int64(), std::int64_t{0}, latest) * 1000;
  if (now_ms >= expires_ms) return core::fail(core::ErrorCode::unauthorized, "the access token has expired");
  return AccessClaims{*call, *organization, *identity, expires_ms};
}

}  // namespace retell::crypto
