#include "services/api_key_service.hpp"

#include "core/ids.hpp"
#include "crypto/api_key.hpp"
#include "crypto/seal.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

std::string to_text(const Principal& p) {
  return json::dump(json::Array{p.organization_id, p.organization_name, p.api_key_id, p.api_key_name});
}

// Nothing when it is not what to_text() writes.
std::optional<Principal> from_text(const std::string& text) {
  const auto parts = json::parse(text);
  if (!parts || !parts->is_array() || parts->get_array().size() != 4) return std::nullopt;
  for (const auto& part : parts->get_array()) {
    if (!part.is_string()) return std::nullopt;
  }
  const auto part = [&](std::size_t i) { return std::string(parts->get_array()[i].get_string()); };
  return Principal{part(0), part(1), part(2), part(3)};
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

core::Task<core::Result<NewApiKey>> ApiKeyService::create(std::string organization_id, std::string name) {
  const auto organization = co_await organizations_.find(organization_id);
  if (!organization) co_return tl::unexpected(organization.error());
  if (!organization->has_value()) co_return fail(ErrorCode::not_found, "there is no such organisation");
  NewApiKey made{core::make_id("apikey_", 8), crypto::generate_api_key()};
  storage::ApiKey record{made.id,
                         organization_id,
                         std::move(name),
                         crypto::hash_api_key(made.key),
                         crypto::api_key_hint(made.key),
                         core::epoch_ms(clock_.wall())};
  const auto done = co_await keys_.insert(std::move(record));
  if (!done) co_return tl::unexpected(done.error());
  if ((*organization)->webhook_key.empty()) {
    auto sealed = crypto::seal(made.key, secret_, organization_id);
    const auto set = co_await organizations_.set_webhook_key(organization_id, std::move(sealed));
    if (!set) co_return tl::unexpected(set.error());
  }
  co_return made;
}

std::string ApiKeyService::lend(const storage::Organization& organization, std::string name) {
  auto key = crypto::generate_api_key();
  const std::lock_guard lock(mutex_);
  lent_[crypto::hash_api_key(key)] = {organization.id, organization.name, "", std::move(name)};
  return key;
}

core::Task<core::Result<std::vector<storage::ApiKey>>> ApiKeyService::list(std::string organization_id) {
  co_return co_await keys_.list(std::move(organization_id));
}

core::Task<core::Result<>> ApiKeyService::revoke(std::string organization_id, std::string key_id) {
  const auto listed = co_await keys_.list(organization_id);
  if (!listed) co_return tl::unexpected(listed.error());
  const auto done = co_await keys_.revoke(organization_id, key_id, core::epoch_ms(clock_.wall()));
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return fail(ErrorCode::not_found, "there is no such key");
  for (const auto& key : *listed) {
    if (key.id == key_id) co_await cache_.invalidate(cache_group(key.hash));
  }
  co_return core::Result<>{};
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
    if (auto principal = from_text(*known.value)) co_return std::move(*principal);
  }
  const auto found = co_await keys_.find_by_hash(std::move(hash));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return fail(ErrorCode::unauthorized, "Invalid API Key.");
  const auto organization = co_await organizations_.find((*found)->organization_id);
  if (!organization) co_return tl::unexpected(organization.error());
  if (!organization->has_value()) co_return fail(ErrorCode::unauthorized, "Invalid API Key.");
  Principal principal{(*organization)->id, (*organization)->name, (*found)->id, (*found)->name};
  cache_.set(group, "principal", to_text(principal), remembered, known.token);
  co_return principal;
}

core::Task<core::Result<std::string>> ApiKeyService::signing_key(std::string organization_id) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = signing_keys_.find(organization_id); known != signing_keys_.end()) co_return known->second;
  }
  const auto organization = co_await organizations_.find(organization_id);
  if (!organization) co_return tl::unexpected(organization.error());
  if (!organization->has_value() || (*organization)->webhook_key.empty()) {
    co_return fail(ErrorCode::precondition, "the organisation has no API key to sign with");
  }
  auto key = crypto::unseal((*organization)->webhook_key, secret_, organization_id);
  if (!key) co_return key;
  const std::lock_guard lock(mutex_);
  signing_keys_[organization_id] = *key;
  co_return key;
}

}  // namespace retell::services
