// JSON Web Tokens signed with HS256, the only algorithm made or accepted. Pure.
#pragma once
#include <boost/json.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::crypto {

// A secret that signs tokens, and the name under which tokens say that it did.
struct JwtKey {
  std::string id;      // kid; empty: tokens name no key
  std::string secret;  // any length; 32 bytes or more for the strength that HS256 can have
};

// A key whose name is drawn from the secret, so that servers with the same secret agree on it.
[[nodiscard]] JwtKey jwt_key(std::string_view secret);

// `claims` should hold exp, in whole seconds since 1970.
[[nodiscard]] std::string issue_jwt(const boost::json::object& claims, const JwtKey& key);

// The claims of a token that one of `keys` signed. unauthorized for anything malformed, wrongly signed, signed with
// another algorithm or by an unknown key, without exp, or expired at `now_ms`.
[[nodiscard]] core::Result<boost::json::object> check_jwt(std::string_view token, std::span<const JwtKey> keys,
                                                          std::int64_t now_ms);

// Whether a credential has a token's form: three parts with dots between.
[[nodiscard]] bool looks_like_jwt(std::string_view text);

// A text claim; empty when there is none.
[[nodiscard]] std::string text_claim(const boost::json::object& claims, std::string_view name);

}  // namespace retell::crypto
