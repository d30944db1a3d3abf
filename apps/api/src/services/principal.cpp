#include "services/principal.hpp"

#include "json/read.hpp"
#include "json/text.hpp"
#include "json/write.hpp"

namespace retell::services {
namespace {

struct Stored {
  std::string organization_id;
  std::string organization_name;
  std::string api_key_id;
  std::string api_key_name;
  PrincipalKind kind = PrincipalKind::nobody;
  json::Object grants;
  std::vector<std::string> allowed_origins;
  std::string user_id;
  std::string user_email;
  std::string session_id;
  domain::Role role = domain::Role::viewer;
  std::optional<std::int32_t> requests_per_second = {};
};
BOOST_DESCRIBE_STRUCT(Stored, (),
                      (organization_id, organization_name, api_key_id, api_key_name, kind, grants, allowed_origins,
                       user_id, user_email, session_id, role, requests_per_second))

}  // namespace

std::string to_text(const Principal& p) {
  return json::dump(json::write(Stored{p.organization_id, p.organization_name, p.api_key_id, p.api_key_name, p.kind,
                                       domain::to_json(p.grants), p.allowed_origins, p.user_id, p.user_email,
                                       p.session_id, p.role, p.requests_per_second}));
}

core::Result<Principal> principal_from(std::string_view text) {
  const auto document = json::parse(text);
  if (!document) return tl::unexpected(document.error());
  auto stored = json::read<Stored>(*document);
  if (!stored) return tl::unexpected(stored.error());
  const auto grants = domain::read_grants(stored->grants);
  if (!grants) return tl::unexpected(grants.error());
  return Principal{.organization_id = std::move(stored->organization_id),
                   .organization_name = std::move(stored->organization_name),
                   .api_key_id = std::move(stored->api_key_id),
                   .api_key_name = std::move(stored->api_key_name),
                   .kind = stored->kind,
                   .grants = *grants,
                   .allowed_origins = std::move(stored->allowed_origins),
                   .user_id = std::move(stored->user_id),
                   .user_email = std::move(stored->user_email),
                   .session_id = std::move(stored->session_id),
                   .role = stored->role,
                   .requests_per_second = stored->requests_per_second};
}

std::string describe(domain::Need need) {
  return std::string(json::enum_name(need.access)) + " access to \"" + std::string(domain::area_name(need.area)) + "\"";
}

}  // namespace retell::services
