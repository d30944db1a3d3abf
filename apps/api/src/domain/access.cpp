#include "domain/access.hpp"

#include <algorithm>

namespace retell::domain {
namespace {

using enum Access;

constexpr std::array<std::string_view, area_count> names = {
    "agent", "testing", "history", "export", "call", "phone", "webhook", "api_key", "member", "workspace", "audit"};

struct RoleRow {
  Role role;
  std::array<Access, area_count> access;
};

// The roles of a workspace. Owners differ from admins in one thing that is no area: only they make and unmake owners.
constexpr RoleRow roles[] = {
    //                 agent testing history export call  phone webhook api_key member workspace audit
    {Role::owner, {edit, edit, edit, edit, edit, edit, edit, edit, edit, edit, read}},
    {Role::admin, {edit, edit, edit, edit, edit, edit, edit, edit, edit, edit, read}},
    {Role::developer, {edit, edit, edit, edit, edit, edit, edit, read, read, read, none}},
    {Role::viewer, {read, read, read, read, none, read, read, none, read, read, none}},
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
  });
  return out;
}

struct Origin {
  std::string scheme;
  std::string host;
  std::string port;  // as written; empty: the scheme's own
};

Origin parse_origin(std::string_view text) {
  Origin origin;
  const auto clean = lower(text);
  std::string_view rest = clean;
  if (const auto mark = rest.find("://"); mark != std::string_view::npos) {
    origin.scheme = rest.substr(0, mark);
    rest.remove_prefix(mark + 3);
  }
  const auto bracket = rest.find(']');
  const auto colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  origin.host = rest.substr(0, colon);
  if (colon != std::string_view::npos) origin.port = rest.substr(colon + 1);
  if ((origin.scheme == "https" && origin.port == "443") || (origin.scheme == "http" && origin.port == "80")) {
    origin.port.clear();
  }
  return origin;
}

bool host_fits(std::string_view host, std::string_view wanted) {
  if (!wanted.starts_with("*.")) return host == wanted;
  wanted.remove_prefix(1);  // ".shop.example"
  return host.size() > wanted.size() && host.ends_with(wanted);
}

}  // namespace

bool Grants::within(const Grants& other) const {
  for (std::size_t i = 0; i < area_count; ++i) {
    if (access_[i] > other.access_[i]) return false;
  }
  return true;
}

std::string_view area_name(Area area) { return names[static_cast<std::size_t>(area)]; }

Grants grants_of(Role role) {
  Grants grants;
  for (const auto& row : roles) {
    if (row.role != role) continue;
    for (std::size_t i = 0; i < area_count; ++i) grants.set(static_cast<Area>(i), row.access[i]);
  }
  return grants;
}

Grants grants_of_full_key() {
  auto grants = grants_of(Role::owner);
  grants.set(Area::api_key, read);
  grants.set(Area::member, read);
  return grants;
}

core::Result<Grants> read_grants(const json::Value& scopes) {
  const auto refuse = [](const std::string& where, const std::string& what) {
    return core::fail(core::ErrorCode::invalid, where + ": " + what, where);
  };
  const auto* object = scopes.if_object();
  if (object == nullptr)
    return refuse("scopes", "expected an object, such as {\"agent\":\"edit\",\"history\":\"read\"}");
  Grants grants;
  for (const auto& member : *object) {
    const std::string name(member.key());
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end()) {
      std::string all;
      for (const auto each : names) all += (all.empty() ? "" : ", ") + std::string(each);
      return refuse("scopes." + name, "is no scope; there are " + all);
    }
    const auto* text = member.value().if_string();
    const auto access = text == nullptr ? std::nullopt : json::enum_value<Access>(std::string_view(*text));
    if (!access) return refuse("scopes." + name, "expected one of none, read, edit");
    grants.set(static_cast<Area>(known - names.begin()), *access);
  }
  return grants;
}

json::Object to_json(const Grants& grants) {
  json::Object out;
  for (std::size_t i = 0; i < area_count; ++i) {
    const auto access = grants.of(static_cast<Area>(i));
    if (access != none) out[names[i]] = json::enum_name(access);
  }
  return out;
}

bool origin_allowed(std::string_view origin, std::string_view entry) {
  const auto from = parse_origin(origin);
  const auto wanted = parse_origin(entry);
  if (from.scheme.empty() || from.host.empty()) return false;
  if (!host_fits(from.host, wanted.host)) return false;
  if (!wanted.scheme.empty()) return wanted.scheme == from.scheme && wanted.port == from.port;
  const bool local = from.host == "localhost" || from.host == "127.0.0.1" || from.host == "[::1]";
  return (wanted.port.empty() || wanted.port == from.port) &&
         (from.scheme == "https" || (local && from.scheme == "http"));
}

bool is_origin_entry(std::string_view entry) {
  const auto origin = parse_origin(entry);
  if (!origin.scheme.empty() && origin.scheme != "https" && origin.scheme != "http") return false;
  std::string_view host = origin.host;
  if (host.starts_with("*.")) host.remove_prefix(2);
  constexpr std::string_view fine = "abcdefghijklmnopqrstuvwxyz0123456789.-[]:";
  return !host.empty() && host.find_first_not_of(fine) == std::string_view::npos &&
         origin.port.find_first_not_of("0123456789") == std::string_view::npos && entry.size() <= 255;
}

}  // namespace retell::domain
