#include "services/session_service.hpp"

#include <algorithm>

#include "core/ids.hpp"
#include "crypto/api_key.hpp"
#include "json/read.hpp"
#include "json/text.hpp"
#include "json/write.hpp"
#include "services/user_service.hpp"
#include "services/workspace_service.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

auto signed_out() { return fail(ErrorCode::unauthorized, "You are signed out."); }
auto wrong() { return fail(ErrorCode::unauthorized, "The e-mail address or the password is wrong."); }

std::string short_text(std::string text) {
  constexpr std::size_t longest = 300;
  if (text.size() > longest) text.resize(longest);
  // Headers are bytes; a database takes text.
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

// What the cache holds of a live session.
struct SessionService::Known {
  std::string session_id;
  std::string user_id;
  std::string email;
  std::string first_workspace;
};

SessionService::SessionService(storage::Database& database, storage::Cache& cache, PasswordHasher& passwords,
                               SignInGuard& guard, const core::Clock& clock, const std::vector<std::string>& secrets,
                               core::Logger log)
    : sessions_(database),
      users_(database),
      organizations_(database),
      cache_(cache),
      passwords_(passwords),
      guard_(guard),
      clock_(clock),
      log_(std::move(log)) {
  for (const auto& secret : secrets) keys_.push_back(crypto::jwt_key(secret));
}

std::int64_t SessionService::expiry(std::int64_t created_at, std::int64_t now_ms) const {
  return std::min(now_ms + std::chrono::milliseconds(idle_lifetime).count(),
                  created_at + std::chrono::milliseconds(longest_lifetime).count());
}

SignedIn SessionService::tokens(const storage::Session& session, std::string refresh_token) const {
  const auto now = core::epoch_ms(clock_.wall());
  const auto expires = now / 1000 + std::chrono::seconds(access_lifetime).count();
  const boost::json::object claims{
      {"sub", session.user_id}, {"sid", session.id}, {"iat", now / 1000}, {"exp", expires}};
  return {crypto::issue_jwt(claims, keys_.front()),
          expires * 1000,
          std::move(refresh_token),
          session.expires_at,
          session.id,
          session.user_id};
}

core::Task<core::Result<SignedIn>> SessionService::sign_in(std::string text, std::string password, Visitor visitor,
                                                           Along along) {
  auto email = clean_email(text);
  if (!email) co_return tl::unexpected(email.error());
  const auto allowed = co_await guard_.enter(*email, visitor.address);
  if (!allowed) co_return tl::unexpected(allowed.error());
  const auto user = co_await users_.find_by_email(*email);
  if (!user) co_return tl::unexpected(user.error());
  const bool exists = user->has_value() && !(*user)->disabled_at;
  const auto fits = co_await passwords_.verify(std::move(password), exists ? (*user)->password_hash : "");
  if (!fits) co_return tl::unexpected(fits.error());
  if (!exists || !*fits) co_return wrong();
  const auto noted = co_await guard_.passed(std::move(*email), visitor.address);
  if (!noted) co_return tl::unexpected(noted.error());
  auto id = core::make_id("session_");
  std::vector<storage::Statement> more;
  if (along) {
    auto statements = co_await along({(*user)->id, (*user)->email, id});
    if (!statements) co_return tl::unexpected(statements.error());
    more = std::move(*statements);
  }
  co_return co_await begin_as(std::move(id), (*user)->id, std::move(visitor), std::move(more));
}

core::Task<core::Result<SignedIn>> SessionService::begin(std::string user_id, Visitor visitor) {
  return begin_as(core::make_id("session_"), std::move(user_id), std::move(visitor), {});
}

core::Task<core::Result<SignedIn>> SessionService::begin_as(std::string id, std::string user_id, Visitor visitor,
                                                            std::vector<storage::Statement> more) {
  const auto now = core::epoch_ms(clock_.wall());
  storage::Session session;
  session.id = std::move(id);
  session.user_id = std::move(user_id);
  session.address = short_text(std::move(visitor.address));
  session.user_agent = short_text(std::move(visitor.user_agent));
  session.created_at = now;
  session.last_used_at = now;
  session.expires_at = expiry(now, now);
  auto token = crypto::generate_token("refresh_");
  const auto done = co_await sessions_.begin(session, crypto::hash_api_key(token), std::move(more));
  if (!done) co_return tl::unexpected(done.error());
  co_return tokens(session, std::move(token));
}

core::Task<core::Result<>> SessionService::end_stolen(const storage::Session& session) {
  log_.warn("a refresh token of session {} came a second time: the session is ended", session.id);
  const auto done = co_await sessions_.revoke(session.user_id, session.id, core::epoch_ms(clock_.wall()));
  co_await cache_.invalidate(cache_group(session.id));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<SignedIn>> SessionService::refresh(std::string refresh_token, Visitor visitor) {
  const auto now = core::epoch_ms(clock_.wall());
  auto hash = crypto::hash_api_key(refresh_token);
  const auto found = co_await sessions_.find_token(hash);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return signed_out();
  auto session = (*found)->session;
  if ((*found)->used_at) {
    const auto ended = co_await end_stolen(session);
    if (!ended) co_return tl::unexpected(ended.error());
    co_return signed_out();
  }
  if (session.revoked_at || now >= session.expires_at) co_return signed_out();
  const auto user = co_await users_.find(session.user_id);
  if (!user) co_return tl::unexpected(user.error());
  if (!user->has_value() || (*user)->disabled_at) co_return signed_out();
  session.address = short_text(std::move(visitor.address));
  session.user_agent = short_text(std::move(visitor.user_agent));
  session.expires_at = expiry(session.created_at, now);
  auto token = crypto::generate_token("refresh_");
  const auto done = co_await sessions_.rotate(session, std::move(hash), crypto::hash_api_key(token), now);
  if (!done && done.error().code == ErrorCode::conflict) {
    // Spent, or signed out, between the two looks: two came with the same token at the same moment.
    const auto ended = co_await end_stolen(session);
    if (!ended) co_return tl::unexpected(ended.error());
    co_return signed_out();
  }
  if (!done) co_return tl::unexpected(done.error());
  co_return tokens(session, std::move(token));
}

core::Task<core::Result<SessionService::Known>> SessionService::look_up(std::string session_id) {
  const auto group = cache_group(session_id);
  const auto kept = co_await cache_.get(group, "known");
  if (kept.value) {
    const auto parts = json::parse(*kept.value);
    if (parts && parts->is_array() && parts->as_array().size() == 3) {
      const auto part = [&](std::size_t i) { return std::string(parts->at(i).as_string()); };
      co_return Known{session_id, part(0), part(1), part(2)};
    }
  }
  const auto session = co_await sessions_.find(session_id);
  if (!session) co_return tl::unexpected(session.error());
  if (!session->has_value() || (*session)->revoked_at) co_return signed_out();
  if (core::epoch_ms(clock_.wall()) >= (*session)->expires_at) co_return signed_out();
  const auto user = co_await users_.find((*session)->user_id);
  if (!user) co_return tl::unexpected(user.error());
  if (!user->has_value() || (*user)->disabled_at) co_return signed_out();
  const auto memberships = co_await users_.memberships((*user)->id);
  if (!memberships) co_return tl::unexpected(memberships.error());
  Known known{session_id, (*user)->id, (*user)->email,
              memberships->empty() ? std::string() : memberships->front().organization_id};
  cache_.set(group, "known", json::dump(json::Array{known.user_id, known.email, known.first_workspace}), remembered,
             kept.token);
  co_return known;
}

core::Task<core::Result<Principal>> SessionService::in_workspace(Known known, std::string workspace) {
  const auto group = WorkspaceService::cache_group(workspace, known.user_id);
  std::optional<Principal> principal;
  const auto kept = co_await cache_.get(group, "principal");
  if (kept.value) {
    if (auto read = principal_from(*kept.value)) principal = std::move(*read);
  }
  if (!principal) {
    const auto member = co_await users_.member(workspace, known.user_id);
    if (!member) co_return tl::unexpected(member.error());
    if (!member->has_value()) co_return fail(ErrorCode::forbidden, "You are not a member of this workspace.");
    const auto organization = co_await organizations_.find(workspace);
    if (!organization) co_return tl::unexpected(organization.error());
    principal.emplace();
    principal->organization_id = workspace;
    principal->organization_name = (*member)->organization_name;
    principal->role = (*member)->role;
    if (organization->has_value() && (*organization)->max_requests_per_second) {
      principal->requests_per_second = static_cast<std::int32_t>(*(*organization)->max_requests_per_second);
    }
    cache_.set(group, "principal", to_text(*principal), remembered, kept.token);
  }
  principal->grants = domain::grants_of(principal->role);
  co_return std::move(*principal);
}

core::Task<core::Result<Principal>> SessionService::authenticate(std::string token, std::string workspace) {
  const auto claims = crypto::check_jwt(token, keys_, core::epoch_ms(clock_.wall()));
  if (!claims) co_return tl::unexpected(claims.error());
  auto known = co_await look_up(crypto::text_claim(*claims, "sid"));
  if (!known) co_return tl::unexpected(known.error());
  if (known->user_id != crypto::text_claim(*claims, "sub")) co_return signed_out();
  Principal principal;  // of one who belongs nowhere: may see to the own account alone
  if (workspace.empty()) workspace = known->first_workspace;
  if (!workspace.empty()) {
    auto inside = co_await in_workspace(*known, std::move(workspace));
    if (!inside) co_return inside;
    principal = std::move(*inside);
  }
  principal.kind = PrincipalKind::user;
  principal.user_id = known->user_id;
  principal.user_email = known->email;
  principal.session_id = known->session_id;
  co_return principal;
}

core::Task<core::Result<std::vector<storage::Session>>> SessionService::live(std::string user_id) {
  co_return co_await sessions_.live(std::move(user_id), core::epoch_ms(clock_.wall()));
}

core::Task<core::Result<>> SessionService::end(std::string user_id, std::string session_id,
                                               std::vector<storage::Statement> more) {
  const auto done =
      co_await sessions_.revoke(std::move(user_id), session_id, core::epoch_ms(clock_.wall()), std::move(more));
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return fail(ErrorCode::not_found, "there is no such session");
  co_await cache_.invalidate(cache_group(session_id));
  co_return core::Result<>{};
}

core::Task<core::Result<>> SessionService::end_by_token(std::string refresh_token, Along along) {
  const auto found = co_await sessions_.find_token(crypto::hash_api_key(refresh_token));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value() || (*found)->session.revoked_at) co_return core::Result<>{};
  const auto& session = (*found)->session;
  const auto user = co_await users_.find(session.user_id);
  if (!user) co_return tl::unexpected(user.error());
  std::vector<storage::Statement> more;
  if (along && user->has_value()) {
    auto statements = co_await along({session.user_id, (*user)->email, session.id});
    if (!statements) co_return tl::unexpected(statements.error());
    more = std::move(*statements);
  }
  const auto done = co_await end(session.user_id, session.id, std::move(more));
  // Of two that sign out at once the later finds it done.
  if (!done && done.error().code != ErrorCode::not_found) co_return done;
  co_return core::Result<>{};
}

core::Task<core::Result<>> SessionService::sweep() {
  constexpr auto kept = std::chrono::hours(24 * 30);  // for the audit of what ended
  const auto now = core::epoch_ms(clock_.wall());
  auto done = co_await sessions_.sweep(now - std::chrono::milliseconds(kept).count());
  if (!done) co_return done;
  co_return co_await guard_.sweep();
}

}  // namespace retell::services
