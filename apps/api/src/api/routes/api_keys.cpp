// API keys: secret ones for servers, public ones for web pages.
#include "api/routes/routes.hpp"
#include "json/text.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

enum class KeyType : std::uint8_t { secret, open_to_all };
constexpr auto wire_names(KeyType) {
  return std::array{std::pair(KeyType::secret, std::string_view("secret")),
                    std::pair(KeyType::open_to_all, std::string_view("public"))};
}

struct ApiKey {
  std::string api_key_id;
  std::string name;
  KeyType type = KeyType::secret;
  std::string hint;                                              // how it begins
  std::optional<json::Object> scopes = {};                       // missing: full access
  std::optional<std::vector<std::string>> allowed_origins = {};  // of public keys
  bool is_webhook_key = false;
  std::string created_by;  // a user's id; empty: the command line
  std::int64_t created_at = 0;
  std::optional<std::int64_t> last_used_at = {};
};
BOOST_DESCRIBE_STRUCT(ApiKey, (),
                      (api_key_id, name, type, hint, scopes, allowed_origins, is_webhook_key, created_by, created_at,
                       last_used_at))

struct NewKey : ApiKey {
  std::string key;  // shown this once
};
BOOST_DESCRIBE_STRUCT(NewKey, (ApiKey), (key))

struct KeyBody {
  std::string name;
  std::optional<KeyType> type = {};         // secret when missing
  std::optional<json::Object> scopes = {};  // {"agent":"edit","history":"read"}; missing: full access
  std::optional<std::vector<std::string>> allowed_origins = {};
  std::optional<bool> is_webhook_key = {};
};
BOOST_DESCRIBE_STRUCT(KeyBody, (), (name, type, scopes, allowed_origins, is_webhook_key))

struct KeyPatch {
  std::optional<std::string> name = {};
  std::optional<json::Object> scopes = {};
  std::optional<std::vector<std::string>> allowed_origins = {};
};
BOOST_DESCRIBE_STRUCT(KeyPatch, (), (name, scopes, allowed_origins))

struct KeyProof {
  std::string key;  // secret; the server knows its digest only
};
BOOST_DESCRIBE_STRUCT(KeyProof, (), (key))

ApiKey shown(const storage::ApiKey& key, const std::string& webhook_key_id) {
  ApiKey out;
  out.api_key_id = key.id;
  out.name = key.name;
  out.type = key.kind == "public" ? KeyType::open_to_all : KeyType::secret;
  out.hint = key.hint;
  if (!key.scopes.empty()) {
    if (const auto scopes = json::parse(key.scopes); scopes && scopes->is_object()) out.scopes = scopes->get_object();
  }
  if (out.type == KeyType::open_to_all) out.allowed_origins = key.allowed_origins;
  out.is_webhook_key = key.id == webhook_key_id;
  out.created_by = key.created_by;
  out.created_at = key.created_at;
  out.last_used_at = key.last_used_at;
  return out;
}

// Nobody gives a key more than they have.
core::Result<> within(const domain::Grants& wished, const services::Principal& by) {
  if (wished.within(by.grants)) return {};
  return core::fail(core::ErrorCode::forbidden, "scopes: a key cannot do more than its maker", "scopes");
}

core::Result<std::optional<domain::Grants>> read_scopes(const std::optional<json::Object>& scopes) {
  if (!scopes) return std::nullopt;
  auto grants = domain::read_grants(*scopes);
  if (!grants) return tl::unexpected(grants.error());
  return std::optional(*grants);
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto keys = co_await api.keys.list(request.organization());
  if (!keys) co_return tl::unexpected(keys.error());
  const auto signing = co_await api.keys.webhook_key_id(request.organization());
  if (!signing) co_return tl::unexpected(signing.error());
  json::Array all;
  for (const auto& key : *keys) all.push_back(json::write(shown(key, *signing)));
  co_return json_reply(200, std::move(all));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto key = co_await api.keys.get(request.organization(), request.parameter(0));
  if (!key) co_return tl::unexpected(key.error());
  const auto signing = co_await api.keys.webhook_key_id(request.organization());
  if (!signing) co_return tl::unexpected(signing.error());
  co_return json_reply(200, json::write(shown(*key, *signing)));
}

core::Task<Outcome> create(Api& api, const Request& request, KeyBody body) {
  services::KeyWish wish;
  wish.name = std::move(body.name);
  wish.is_public = body.type == KeyType::open_to_all;
  auto grants = read_scopes(body.scopes);
  if (!grants) co_return tl::unexpected(grants.error());
  wish.grants = *grants;
  if (!wish.is_public) {
    auto fine = within(wish.grants.value_or(domain::grants_of_full_key()), request.principal());
    if (!fine) co_return tl::unexpected(fine.error());
  }
  wish.allowed_origins = body.allowed_origins.value_or(std::vector<std::string>{});
  wish.signs_webhooks = body.is_webhook_key.value_or(false);
  wish.created_by = request.principal().user_id;
  auto made = co_await api.keys.create(request.organization(), std::move(wish));
  if (!made) co_return tl::unexpected(made.error());
  const auto key = co_await api.keys.get(request.organization(), made->id);
  if (!key) co_return tl::unexpected(key.error());
  const auto signing = co_await api.keys.webhook_key_id(request.organization());
  if (!signing) co_return tl::unexpected(signing.error());
  NewKey out;
  static_cast<ApiKey&>(out) = shown(*key, *signing);
  out.key = std::move(made->key);
  auto response = json_reply(201, json::write(out));
  response.headers.set("Cache-Control", "no-store");
  co_return response;
}

core::Task<Outcome> update(Api& api, const Request& request, KeyPatch body) {
  auto grants = read_scopes(body.scopes);
  if (!grants) co_return tl::unexpected(grants.error());
  if (*grants) {
    if (auto fine = within(**grants, request.principal()); !fine) co_return tl::unexpected(fine.error());
  }
  const auto key = co_await api.keys.change(request.organization(), request.parameter(0),
                                            {std::move(body.name), *grants, std::move(body.allowed_origins)});
  if (!key) co_return tl::unexpected(key.error());
  const auto signing = co_await api.keys.webhook_key_id(request.organization());
  if (!signing) co_return tl::unexpected(signing.error());
  co_return json_reply(200, json::write(shown(*key, *signing)));
}

core::Task<Outcome> revoke(Api& api, const Request& request) {
  const auto done = co_await api.keys.revoke(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> sign_webhooks(Api& api, const Request& request, KeyProof body) {
  const auto done =
      co_await api.keys.sign_webhooks_with(request.organization(), request.parameter(0), std::move(body.key));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

constexpr Route table[] = {
    endpoint<&list, std::vector<ApiKey>>("GET", "/v1/api-keys", 200, "List API keys"),
    endpoint<&create, NewKey>("POST", "/v1/api-keys", 201, "Make an API key; it is shown this once"),
    endpoint<&get, ApiKey>("GET", "/v1/api-keys/{api_key_id}", 200, "Get what is known of an API key"),
    endpoint<&update, ApiKey>("PATCH", "/v1/api-keys/{api_key_id}", 200, "Change an API key's name, scopes or origins"),
    endpoint<&revoke>("DELETE", "/v1/api-keys/{api_key_id}", 204, "Revoke an API key"),
    endpoint<&sign_webhooks>("POST", "/v1/api-keys/{api_key_id}/sign-webhooks", 204,
                             "Make it the key that signs webhooks"),
};

}  // namespace

std::span<const Route> api_key_routes() { return table; }

}  // namespace retell::api
