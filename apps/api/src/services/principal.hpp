// Who asks: the tenant, the key or person it came with, and what they may do. Every service function that touches a
// tenant's data is given one id.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "domain/access.hpp"

namespace retell::services {

enum class PrincipalKind : std::uint8_t { nobody, secret_key, public_key, user, server_operator };
BOOST_DESCRIBE_ENUM(PrincipalKind, nobody, secret_key, public_key, user, server_operator)

struct Principal {
  std::string organization_id;
  std::string organization_name;
  std::string api_key_id;    // of a key
  std::string api_key_name;  // of a key
  PrincipalKind kind = PrincipalKind::nobody;
  domain::Grants grants = {};
  std::vector<std::string> allowed_origins = {};  // of a public key

  std::string user_id = {};  // of a person
  std::string user_email = {};
  std::string session_id = {};
  domain::Role role = domain::Role::viewer;

  std::optional<std::int32_t> requests_per_second = {};  // of the tenant; nothing: the server's default, 0: no limit

  [[nodiscard]] const std::string& actor_id() const { return user_id.empty() ? api_key_id : user_id; }
  [[nodiscard]] const std::string& actor_name() const { return user_id.empty() ? api_key_name : user_email; }
};

// For the cache.
[[nodiscard]] std::string to_text(const Principal& principal);
[[nodiscard]] core::Result<Principal> principal_from(std::string_view text);

// "edit access to api_key", for messages.
[[nodiscard]] std::string describe(domain::Need need);

}  // namespace retell::services
