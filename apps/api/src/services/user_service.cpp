#include "services/user_service.hpp"

#include <algorithm>

#include "core/ids.hpp"
#include "crypto/api_key.hpp"
#include "crypto/password.hpp"
#include "services/session_service.hpp"
#include "services/workspace_service.hpp"
#include "text/utf8.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;
using storage::Invitation;
using storage::InvitationKind;

auto not_open() { return fail(ErrorCode::invalid, "token: is unknown, used or expired", "token"); }

core::Result<std::string> clean_name(std::string name, const std::string& email) {
  constexpr std::size_t longest = 100;
  if (name.empty()) name = email.substr(0, email.find('@'));
  if (text::utf8_length(name) > longest)
    return fail(ErrorCode::invalid, "name: must have at most 100 characters", "name");
  return name;
}

}  // namespace

core::Result<std::string> clean_email(std::string_view email) {
  const auto refuse = [] { return fail(ErrorCode::invalid, "email: expected an e-mail address", "email"); };
  const auto first = email.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return refuse();
  email = email.substr(first, email.find_last_not_of(" \t\r\n") - first + 1);
  constexpr std::size_t longest = 254;
  const auto at = email.rfind('@');
  const bool shaped = at != std::string_view::npos && at > 0 && at + 1 < email.size() && email.size() <= longest;
  const bool odd = std::any_of(email.begin(), email.end(), [](unsigned char c) {
    return c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"';
  });
  if (!shaped || odd) return refuse();
  std::string out(email);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

namespace {

core::Task<core::Result<>> add(std::vector<storage::Statement>& statements, const Along& along, Doing doing) {
  if (!along) co_return core::Result<>{};
  auto more = co_await along(std::move(doing));
  if (!more) co_return tl::unexpected(more.error());
  for (auto& statement : *more) statements.push_back(std::move(statement));
  co_return core::Result<>{};
}

}  // namespace

core::Task<core::Result<storage::User>> UserService::create(NewUser wish, std::string organization_id,
                                                            domain::Role role) {
  auto email = clean_email(wish.email);
  if (!email) co_return tl::unexpected(email.error());
  auto name = clean_name(std::move(wish.name), *email);
  if (!name) co_return tl::unexpected(name.error());
  if (auto fine = crypto::check_password_rules(wish.password, *email); !fine) co_return tl::unexpected(fine.error());
  auto hash = co_await passwords_.hash(std::move(wish.password));
  if (!hash) co_return tl::unexpected(hash.error());
  storage::User user{core::make_id("user_"), std::move(*email), std::move(*name), std::move(*hash),
                     core::epoch_ms(clock_.wall())};
  std::vector<storage::Statement> statements;
  statements.push_back(storage::UserStore::insert(user));
  statements.push_back(storage::UserStore::add_member({std::move(organization_id), user.id, role, user.created_at}));
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done && done.error().code == ErrorCode::conflict) {
    co_return fail(ErrorCode::invalid, "email: this address has an account already", "email");
  }
  if (!done) co_return tl::unexpected(done.error());
  co_return user;
}

core::Task<core::Result<storage::User>> UserService::get(std::string user_id) {
  auto found = co_await users_.find(std::move(user_id));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return fail(ErrorCode::not_found, "there is no such user");
  co_return std::move(**found);
}

core::Task<core::Result<std::vector<storage::User>>> UserService::all() { co_return co_await users_.list(); }

core::Task<core::Result<storage::User>> UserService::find(std::string text) {
  auto email = clean_email(text);
  if (!email) co_return tl::unexpected(email.error());
  auto found = co_await users_.find_by_email(std::move(*email));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return fail(ErrorCode::not_found, "there is no user with this address");
  co_return std::move(**found);
}

core::Task<core::Result<NewInvitation>> UserService::make(Invitation invitation, std::chrono::hours lifetime) {
  NewInvitation made;
  made.token = crypto::generate_token(invitation.kind == InvitationKind::invite ? "invite_" : "reset_");
  invitation.id = core::make_id("invitation_");
  invitation.token_hash = crypto::hash_api_key(made.token);
  invitation.created_at = core::epoch_ms(clock_.wall());
  invitation.expires_at = invitation.created_at + std::chrono::milliseconds(lifetime).count();
  const auto done = co_await invitations_.insert(invitation);
  if (!done) co_return tl::unexpected(done.error());
  made.invitation = std::move(invitation);
  co_return made;
}

core::Task<core::Result<NewInvitation>> UserService::invite(const Principal& by, std::string text, domain::Role role) {
  if (auto fine = may_handle(by, role); !fine) co_return tl::unexpected(fine.error());
  auto email = clean_email(text);
  if (!email) co_return tl::unexpected(email.error());
  Invitation invitation;
  invitation.organization_id = by.organization_id;
  invitation.email = std::move(*email);
  invitation.role = role;
  invitation.created_by = by.actor_id();
  co_return co_await make(std::move(invitation), invitation_lifetime);
}

core::Task<core::Result<std::vector<Invitation>>> UserService::invitations(std::string organization_id) {
  co_return co_await invitations_.open(std::move(organization_id), core::epoch_ms(clock_.wall()));
}

core::Task<core::Result<>> UserService::withdraw(std::string organization_id, std::string invitation_id) {
  const auto done = co_await invitations_.remove(std::move(organization_id), std::move(invitation_id));
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return fail(ErrorCode::not_found, "there is no such open invitation");
  co_return core::Result<>{};
}

core::Task<core::Result<Invitation>> UserService::open_invitation(std::string token, InvitationKind kind) {
  const auto now = core::epoch_ms(clock_.wall());
  auto found = co_await invitations_.find(crypto::hash_api_key(token), now);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value() || (*found)->kind != kind) co_return not_open();
  co_return std::move(**found);
}

core::Task<core::Result<>> UserService::check_password(const storage::User& user, std::string password,
                                                       std::string address) {
  auto allowed = co_await guard_.enter(user.email, address);
  if (!allowed) co_return allowed;
  const auto fits = co_await passwords_.verify(std::move(password), user.password_hash);
  if (!fits) co_return tl::unexpected(fits.error());
  if (!*fits) co_return fail(ErrorCode::unauthorized, "The password is wrong.");
  co_return co_await guard_.passed(user.email, std::move(address));
}

core::Task<core::Result<storage::User>> UserService::new_account(const Invitation& invitation,
                                                                 AcceptInvitation request) {
  auto name = clean_name(request.name.value_or(""), invitation.email);
  if (!name) co_return tl::unexpected(name.error());
  if (auto fine = crypto::check_password_rules(request.password, invitation.email); !fine) {
    co_return tl::unexpected(fine.error());
  }
  auto hash = co_await passwords_.hash(std::move(request.password));
  if (!hash) co_return tl::unexpected(hash.error());
  co_return storage::User{core::make_id("user_"), invitation.email, std::move(*name), std::move(*hash),
                          core::epoch_ms(clock_.wall())};
}

core::Task<core::Result<storage::User>> UserService::accept(AcceptInvitation request, std::string address,
                                                            Along along) {
  const auto invitation = co_await open_invitation(request.token, InvitationKind::invite);
  if (!invitation) co_return tl::unexpected(invitation.error());
  const auto now = core::epoch_ms(clock_.wall());
  auto known = co_await users_.find_by_email(invitation->email);
  if (!known) co_return tl::unexpected(known.error());
  std::vector<storage::Statement> statements;
  statements.push_back(storage::InvitationStore::use(invitation->id, now));
  storage::User user;
  if (known->has_value()) {
    user = std::move(**known);
    const auto proved = co_await check_password(user, std::move(request.password), std::move(address));
    if (!proved) co_return tl::unexpected(proved.error());
  } else {
    auto made = co_await new_account(*invitation, std::move(request));
    if (!made) co_return made;
    user = std::move(*made);
    statements.push_back(storage::UserStore::insert(user));
  }
  statements.push_back(storage::UserStore::add_member({invitation->organization_id, user.id, invitation->role, now}));
  const auto added = co_await add(statements, along, {user.id, user.email, user.email, invitation->organization_id});
  if (!added) co_return tl::unexpected(added.error());
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done && done.error().code == ErrorCode::conflict) {
    co_return fail(ErrorCode::invalid, "this person is a member already, or the invitation has just been used");
  }
  if (!done) co_return tl::unexpected(done.error());
  co_return user;
}

core::Task<core::Result<NewInvitation>> UserService::reset_link(std::string email, std::string made_by) {
  auto user = co_await find(std::move(email));
  if (!user) co_return tl::unexpected(user.error());
  Invitation invitation;
  invitation.kind = InvitationKind::reset;
  invitation.email = user->email;
  invitation.created_by = std::move(made_by);
  co_return co_await make(std::move(invitation), reset_lifetime);
}

core::Task<core::Result<NewInvitation>> UserService::reset_link_for(const Principal& by, std::string user_id) {
  const auto memberships = co_await users_.memberships(user_id);
  if (!memberships) co_return tl::unexpected(memberships.error());
  const auto here = std::find_if(memberships->begin(), memberships->end(),
                                 [&](const auto& one) { return one.organization_id == by.organization_id; });
  if (here == memberships->end()) co_return fail(ErrorCode::not_found, "there is no such member");
  if (auto fine = may_handle(by, here->role); !fine) co_return tl::unexpected(fine.error());
  if (memberships->size() > 1) {
    co_return fail(ErrorCode::forbidden,
                   "this person belongs to other workspaces too: the server's operator can make the link "
                   "(retell users reset-password)");
  }
  co_return co_await reset_link(here->email, by.actor_id());
}

core::Task<core::Result<>> UserService::set_password(const storage::User& user, std::string password,
                                                     std::string keep_session, std::vector<storage::Statement> more) {
  if (auto fine = crypto::check_password_rules(password, user.email); !fine) co_return fine;
  const auto hash = co_await passwords_.hash(std::move(password));
  if (!hash) co_return tl::unexpected(hash.error());
  const auto now = core::epoch_ms(clock_.wall());
  const auto ending = co_await sessions_.live(user.id, now);
  if (!ending) co_return tl::unexpected(ending.error());
  more.push_back(storage::UserStore::set_password(user.id, *hash));
  more.push_back(storage::SessionStore::revoke_all(user.id, keep_session, now));
  more.push_back(storage::InvitationStore::use_resets(user.email, now));
  const auto done = co_await database_.transaction(std::move(more));
  if (!done && done.error().code == ErrorCode::conflict) co_return not_open();
  if (!done) co_return tl::unexpected(done.error());
  for (const auto& session : *ending) {
    if (session.id != keep_session) co_await cache_.invalidate(SessionService::cache_group(session.id));
  }
  co_return co_await guard_.forget_account(user.email);
}

core::Task<core::Result<storage::User>> UserService::reset_password(std::string token, std::string password,
                                                                    Along along) {
  const auto invitation = co_await open_invitation(std::move(token), InvitationKind::reset);
  if (!invitation) co_return tl::unexpected(invitation.error());
  auto user = co_await find(invitation->email);
  if (!user) co_return user;
  std::vector<storage::Statement> statements;
  statements.push_back(storage::InvitationStore::use(invitation->id, core::epoch_ms(clock_.wall())));
  const auto added = co_await add(statements, along, {user->id, user->email, user->email});
  if (!added) co_return tl::unexpected(added.error());
  const auto done = co_await set_password(*user, std::move(password), "", std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return *user;
}

core::Task<core::Result<>> UserService::change_password(const Principal& by, std::string current, std::string password,
                                                        std::string address) {
  const auto user = co_await get(by.user_id);
  if (!user) co_return tl::unexpected(user.error());
  auto proved = co_await check_password(*user, std::move(current), std::move(address));
  if (!proved) co_return proved;
  co_return co_await set_password(*user, std::move(password), by.session_id, {});
}

}  // namespace retell::services
