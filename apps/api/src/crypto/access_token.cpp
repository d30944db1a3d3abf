#include "crypto/access_token.hpp"

#include "crypto/jwt.hpp"

namespace retell::crypto {

std::string issue_access_token(const AccessClaims& claims, std::string_view secret) {
  const boost::json::object payload{{"call_id", claims.call_id},
                                    {"org", claims.organization_id},
                                    {"identity", claims.identity},
                                    {"exp", (claims.expires_at_ms + 999) / 1000}};
  return issue_jwt(payload, {"", std::string(secret)});
}

core::Result<AccessClaims> check_access_token(std::string_view token, std::string_view secret, std::int64_t now_ms) {
  const JwtKey keys[] = {{"", std::string(secret)}};
  const auto claims = check_jwt(token, keys, now_ms);
  if (!claims) return tl::unexpected(claims.error());
  AccessClaims access{text_claim(*claims, "call_id"), text_claim(*claims, "org"), text_claim(*claims, "identity"),
                      claims->at("exp").as_int64() * 1000};
  for (const auto* part : {&access.call_id, &access.organization_id, &access.identity}) {
    if (part->empty()) return core::fail(core::ErrorCode::unauthorized, "the access token is not valid");
  }
  return access;
}

}  // namespace retell::crypto
