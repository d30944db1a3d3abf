// Short-lived bearer tokens for one call: a JWT signed with HS256, the only algorithm accepted.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::crypto {

struct AccessClaims {
  std::string call_id;
  std::string organization_id;
  std::string identity;            // who joins: "client" for the caller
  std::int64_t expires_at_ms = 0;  // epoch milliseconds; the token carries whole seconds, rounded up
};

[[nodiscard]] std::string issue_access_token(const AccessClaims& claims, std::string_view secret);

// unauthorized for anything malformed, wrongly signed, of another algorithm or expired at `now_ms`.
[[nodiscard]] core::Result<AccessClaims> check_access_token(std::string_view token, std::string_view secret,
                                                            std::int64_t now_ms);

}  // namespace retell::crypto
