// Who may do what: the areas of the API, how far a key or a person reaches into each, and the table of roles. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.hpp"
#include "json/traits.hpp"
#include "json/value.hpp"

namespace retell::domain {

// Retell's groups of scopes first, then ours.
enum class Area : std::uint8_t {
  agent,    // agents, LLMs, flows, voices, knowledge bases
  testing,  // test cases, playground
  history,  // calls and chats that were, recordings, contacts
  exporting,
  call,   // making and steering calls and chats
  phone,  // numbers
  webhook,
  api_key,
  member,  // people and invitations
  workspace,
  audit,
};
inline constexpr std::size_t area_count = 11;

enum class Access : std::uint8_t { none, read, edit };
BOOST_DESCRIBE_ENUM(Access, none, read, edit)

enum class Role : std::uint8_t { owner, admin, developer, viewer };
BOOST_DESCRIBE_ENUM(Role, owner, admin, developer, viewer)

// What an endpoint asks for.
struct Need {
  Area area = Area::agent;
  Access access = Access::edit;
};

class Grants {
 public:
  [[nodiscard]] bool allow(Need need) const { return of(need.area) >= need.access; }
  [[nodiscard]] Access of(Area area) const { return access_[static_cast<std::size_t>(area)]; }
  void set(Area area, Access access) { access_[static_cast<std::size_t>(area)] = access; }
  [[nodiscard]] bool within(const Grants& other) const;  // nothing here that is not there
  bool operator==(const Grants&) const = default;

 private:
  std::array<Access, area_count> access_{};  // none
};

[[nodiscard]] std::string_view area_name(Area area);
[[nodiscard]] Grants grants_of(Role role);
// Of a key made without scopes: all but the making of keys and members, which a key must be given by name.
[[nodiscard]] Grants grants_of_full_key();

// {"agent":"edit","history":"read"}: areas that are not named are none. invalid names the member at fault.
[[nodiscard]] core::Result<Grants> read_grants(const json::Value& scopes);
[[nodiscard]] json::Object to_json(const Grants& grants);  // without the areas that are none

// Whether a browser's Origin is in a public key's list. An entry is an origin ("https://shop.example:8443"), or a
// domain, which stands for https on any port and, for localhost, http; either may begin its host with "*.", which
// stands for every sub-domain.
[[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view entry);
[[nodiscard]] bool is_origin_entry(std::string_view entry);

}  // namespace retell::domain
