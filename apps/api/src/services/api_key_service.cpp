#include "services/api_key_service.hpp"

#include "core/ids.hpp"
#include "crypto/api_key.hpp"
#include "crypto/hash.hpp"
#include "crypto/seal.hpp"
#include "json/text.hpp"
#include "text/utf8.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;
using domain::Access;
using domain::Area;

constexpr std::size_t longest_name = 100;
constexpr std::size_t most_origins = 50;
constexpr std::chrono::minutes touch_every{1};  // how exact "last used" is

auto no_such_key() { return fail(ErrorCode::not_found, "there is no such API key"); }

core::Result<> check_name(const std::string& name) {
  if (!name.empty() && text::utf8_length(name) <= longest_name) return {};
  return fail(ErrorCode::invalid, "name: must have 1 to 100 characters", "name");
}

core::Result<> check_origins(const std::vector<std::string>& origins) {
  constexpr auto field = "allowed_origins";
  if (origins.empty() || origins.size() > most_origins) {
    return fail(ErrorCode::invalid, "allowed_origins: a public key needs 1 to 50 of them", field);
  }
  for (const auto& origin : origins) {
    if (domain::is_origin_entry(origin)) continue;
    return fail(ErrorCode::invalid,
                "allowed_origins: expected origins such as https://shop.example or domains such as *.shop.example",
                field);
  }
  return {};
}

// What a page on the Internet may be trusted with.
domain::Grants grants_of_public_key() {
  domain::Grants grants;
  grants.set(Area::call, Access::edit);
  return grants;
}

core::Result<> check_public_grants(const domain::Grants& grants) {
  if (grants.within(grants_of_public_key())) return {};
  return fail(ErrorCode::invalid, "scopes: a public key can have \"call\" only", "scopes");
}

core::Result<domain::Grants> stored_grants(const storage::ApiKey& key) {
  if (key.scopes.empty()) return key.kind == "public" ? grants_of_public_key() : domain::grants_of_full_key();
  const auto scopes = json::parse(key.scopes);
  if (!scopes) return tl::unexpected(scopes.error());
  return domain::read_grants(*scopes);
}

std::string cache_group(const std::string& hash) { return "key:" + hash; }

}  // namespace

ApiKeyService::ApiKeyService(storage::Database& database, storage::Cache& cache, const core::Clock& clock,
                             std::string secret)
    : keys_(database), organizations_(database), cache_(cache), clock_(clock), secret_(std::move(secret)) {}

core::Task<core::Result<storage::Organization>> ApiKeyService::ensure_organization(std::string name) {
  const auto found = co_await organizations_.first();
  if (!found) co_return tl::unexpected(found.error());
  if (found->has_value()) co_return **found;
  storage::Organization organization{core::make_id("org_"), std::move(name), "", core::epoch_ms(clock_.wall())};
  const auto done = co_await organizations_.insert_first(organization);
  if (!done) co_return tl::unexpected(done.error());
  const auto made = co_await organizations_.first();
  if (!made) co_return tl::unexpected(made.error());
  co_return made->value();
}

core::Task<core::Result<NewApiKey>> ApiKeyService::create(std::string organization_id, KeyWish wish) {
  const auto organization = co_await organizations_.find(organization_id);
  if (!organization) co_return tl::unexpected(organization.error());
  if (!organization->has_value()) co_return fail(ErrorCode::not_found, "there is no such organisation");
  if (auto fine = check_name(wish.name); !fine) co_return tl::unexpected(fine.error());
  if (wish.is_public) {
    if (auto fine = check_origins(wish.allowed_origins); !fine) co_return tl::unexpected(fine.error());
    if (wish.grants) {
      if (auto fine = check_public_grants(*wish.grants); !fine) co_return tl::unexpected(fine.error());
    }
    if (wish.signs_webhooks) {
      co_return fail(ErrorCode::invalid, "is_webhook_key: everybody can read a public key, so it cannot sign",
                     "is_webhook_key");
    }
  } else if (!wish.allowed_origins.empty()) {
    co_return fail(ErrorCode::invalid, "allowed_origins: of public keys only", "allowed_origins");
  }

  NewApiKey made{core::make_id("apikey_", 8),
                 wish.is_public ? crypto::generate_public_key() : crypto::generate_api_key()};
  storage::ApiKey record;
  record.id = made.id;
  record.organization_id = organization_id;
  record.name = std::move(wish.name);
  record.hash = crypto::hash_api_key(made.key);
  record.hint = crypto::api_key_hint(made.key);
  record.created_at = core::epoch_ms(clock_.wall());
  record.kind = wish.is_public ? "public" : "secret";
  if (wish.grants) record.scopes = json::dump(domain::to_json(*wish.grants));
  record.allowed_origins = std::move(wish.allowed_origins);
  record.created_by = std::move(wish.created_by);
  const auto done = co_await keys_.insert(std::move(record));
  if (!done) co_return tl::unexpected(done.error());
  if (wish.signs_webhooks || (!wish.is_public && (*organization)->webhook_key.empty())) {
    const auto set = co_await seal_webhook_key(std::move(organization_id), made.id, made.key);
    if (!set) co_return tl::unexpected(set.error());
  }
  co_return made;
}

std::string ApiKeyService::lend(const storage::Organization& organization, std::string name) {
  auto key = crypto::generate_api_key();
  Principal principal;
  principal.organization_id = organization.id;
  principal.organization_name = organization.name;
  principal.api_key_name = std::move(name);
  principal.kind = PrincipalKind::secret_key;
  principal.grants = domain::grants_of_full_key();
  const std::lock_guard lock(mutex_);
  lent_[crypto::hash_api_key(key)] = std::move(principal);
  return key;
}

core::Task<core::Result<std::vector<storage::ApiKey>>> ApiKeyService::list(std::string organization_id) {
  co_return co_await keys_.list(std::move(organization_id));
}

core::Task<core::Result<storage::ApiKey>> ApiKeyService::get(std::string organization_id, std::string key_id) {
  auto key = co_await keys_.find(std::move(organization_id), std::move(key_id));
  if (!key) co_return tl::unexpected(key.error());
  if (!key->has_value()) co_return no_such_key();
  co_return std::move(**key);
}

core::Task<core::Result<storage::ApiKey>> ApiKeyService::change(std::string organization_id, std::string key_id,
                                                                KeyChange change) {
  auto key = co_await get(std::move(organization_id), std::move(key_id));
  if (!key) co_return key;
  const bool is_public = key->kind == "public";
  if (change.name) {
    if (auto fine = check_name(*change.name); !fine) co_return tl::unexpected(fine.error());
    key->name = std::move(*change.name);
  }
  if (change.grants) {
    if (is_public) {
      if (auto fine = check_public_grants(*change.grants); !fine) co_return tl::unexpected(fine.error());
    }
    key->scopes = json::dump(domain::to_json(*change.grants));
  }
  if (change.allowed_origins) {
    if (!is_public) co_return fail(ErrorCode::invalid, "allowed_origins: of public keys only", "allowed_origins");
    if (auto fine = check_origins(*change.allowed_origins); !fine) co_return tl::unexpected(fine.error());
    key->allowed_origins = std::move(*change.allowed_origins);
  }
  const auto done = co_await keys_.update(*key);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return no_such_key();
  co_await cache_.invalidate(cache_group(key->hash));
  co_return key;
}

core::Task<core::Result<>> ApiKeyService::revoke(std::string organization_id, std::string key_id,
                                                 bool even_the_webhook_key) {
  const auto key = co_await get(organization_id, key_id);
  if (!key) co_return tl::unexpected(key.error());
  const auto signing = co_await webhook_key_id(organization_id);
  if (!signing) co_return tl::unexpected(signing.error());
  if (*signing == key_id && even_the_webhook_key) {
    const auto none = co_await set_webhook_key(organization_id, "", "");
    if (!none) co_return none;
  } else if (*signing == key_id) {
    co_return fail(ErrorCode::invalid, "this key signs the webhooks: make another the webhook key, then revoke it");
  }
  const auto done = co_await keys_.revoke(std::move(organization_id), std::move(key_id), core::epoch_ms(clock_.wall()));
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return no_such_key();
  co_await cache_.invalidate(cache_group(key->hash));
  co_return core::Result<>{};
}

core::Task<core::Result<>> ApiKeyService::seal_webhook_key(std::string organization_id, std::string key_id,
                                                           std::string key) {
  auto sealed = crypto::seal(key, secret_, organization_id);
  co_return co_await set_webhook_key(std::move(organization_id), std::move(key_id), std::move(sealed));
}

core::Task<core::Result<>> ApiKeyService::set_webhook_key(std::string organization_id, std::string key_id,
                                                          std::string sealed) {
  const auto set = co_await organizations_.set_webhook_key(organization_id, std::move(key_id), std::move(sealed));
  const std::lock_guard lock(mutex_);
  signing_keys_.erase(organization_id);
  co_return set;
}

core::Task<core::Result<>> ApiKeyService::sign_webhooks_with(std::string organization_id, std::string key_id,
                                                             std::string key) {
  const auto known = co_await get(organization_id, key_id);
  if (!known) co_return tl::unexpected(known.error());
  if (known->kind != "secret") {
    co_return fail(ErrorCode::invalid, "everybody can read a public key, so it cannot sign");
  }
  if (!crypto::equal_constant_time(crypto::hash_api_key(key), known->hash)) {
    co_return fail(ErrorCode::invalid, "key: is not the key of this id", "key");
  }
  co_return co_await seal_webhook_key(std::move(organization_id), std::move(key_id), std::move(key));
}

core::Task<core::Result<std::string>> ApiKeyService::webhook_key_id(std::string organization_id) {
  auto organization = co_await organizations_.find(std::move(organization_id));
  if (!organization) co_return tl::unexpected(organization.error());
  if (!organization->has_value()) co_return fail(ErrorCode::not_found, "there is no such organisation");
  co_return std::move((*organization)->webhook_key_id);
}

core::Task<core::Result<Principal>> ApiKeyService::authenticate(std::string key) {
  constexpr std::size_t longest_key = 512;
  if (key.empty() || key.size() > longest_key) co_return fail(ErrorCode::unauthorized, "Invalid API Key.");
  auto hash = crypto::hash_api_key(key);
  {
    const std::lock_guard lock(mutex_);
    if (const auto lent = lent_.find(hash); lent != lent_.end()) co_return lent->second;
  }
  const auto group = cache_group(hash);
  const auto known = co_await cache_.get(group, "principal");
  if (known.value) {
    if (auto principal = principals_.recall(group, *known.value)) co_return std::move(*principal);
    if (auto principal = principal_from(*known.value)) {
      principals_.remember(group, *known.value, *principal);
      co_return principal;
    }
  }
  co_return co_await look_up(std::move(hash), known.token);
}

core::Task<core::Result<Principal>> ApiKeyService::look_up(std::string hash, std::string token) {
  const auto found = co_await keys_.find_by_hash(hash);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return fail(ErrorCode::unauthorized, "Invalid API Key.");
  const auto& key = **found;
  const auto organization = co_await organizations_.find(key.organization_id);
  if (!organization) co_return tl::unexpected(organization.error());
  if (!organization->has_value()) co_return fail(ErrorCode::unauthorized, "Invalid API Key.");
  const auto grants = stored_grants(key);
  if (!grants) co_return fail(ErrorCode::io, "API key " + key.id + ": " + grants.error().message);

  Principal principal;
  principal.organization_id = (*organization)->id;
  principal.organization_name = (*organization)->name;
  principal.api_key_id = key.id;
  principal.api_key_name = key.name;
  principal.kind = key.kind == "public" ? PrincipalKind::public_key : PrincipalKind::secret_key;
  principal.grants = *grants;
  principal.allowed_origins = key.allowed_origins;
  if (const auto& limit = (*organization)->max_requests_per_second) {
    principal.requests_per_second = static_cast<std::int32_t>(*limit);
  }
  cache_.set(cache_group(hash), "principal", to_text(principal), remembered, std::move(token));

  const auto now = core::epoch_ms(clock_.wall());
  if (now - key.last_used_at.value_or(0) >= std::chrono::milliseconds(touch_every).count()) {
    // A key is as good when this cannot be noted.
    (void)co_await keys_.touch(key.organization_id, key.id, now);
  }
  co_return principal;
}

core::Task<core::Result<std::string>> ApiKeyService::signing_key(std::string organization_id) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = signing_keys_.find(organization_id);
    if (known != signing_keys_.end() && known->second.until > clock_.now()) co_return known->second.key;
  }
  const auto organization = co_await organizations_.find(organization_id);
  if (!organization) co_return tl::unexpected(organization.error());
  if (!organization->has_value() || (*organization)->webhook_key.empty()) {
    co_return fail(ErrorCode::precondition, "the organisation has no API key to sign with");
  }
  auto key = crypto::unseal((*organization)->webhook_key, secret_, organization_id);
  if (!key) co_return key;
  const std::lock_guard lock(mutex_);
  signing_keys_[organization_id] = {*key, clock_.now() + remembered};
  co_return key;
}

std::string ApiKeyService::seal(std::string_view plain, std::string_view purpose) const {
  return crypto::seal(plain, secret_, purpose);
}

}  // namespace retell::services
