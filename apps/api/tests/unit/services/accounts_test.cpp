#include <gtest/gtest.h>

#include "crypto/api_key.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using domain::Role;

constexpr auto good = "correct horse battery";

class Accounts : public ServicesFixture {
 protected:
  storage::User make(const std::string& email, Role role, std::string workspace = "") {
    auto user = run(users.create({email, "", good}, workspace.empty() ? organization : workspace, role));
    EXPECT_TRUE(user.has_value()) << user.error().message;
    return *user;
  }
  Principal as(const storage::User& user, std::string workspace = "") {
    const auto tokens = run(sessions.begin(user.id, {"127.0.0.1", "test"})).value();
    const auto principal = run(sessions.authenticate(tokens.access_token, std::move(workspace)));
    EXPECT_TRUE(principal.has_value()) << principal.error().message;
    return *principal;
  }
  core::Result<SignedIn> sign_in(const std::string& email, const std::string& password = good,
                                 const std::string& address = "192.0.2.1") {
    return run(sessions.sign_in(email, password, {address, "test"}));
  }
};

TEST_P(Accounts, are_made_with_an_address_and_a_good_password) {
  EXPECT_EQ(run(users.create({"no address", "", good}, organization, Role::viewer)).error().field, "email");
  EXPECT_EQ(run(users.create({"a@b.example", "", "short"}, organization, Role::viewer)).error().field, "password");
  EXPECT_EQ(run(users.create({"a@b.example", "", "aaaaaaaaaaaa"}, organization, Role::viewer)).error().field,
            "password");
  const auto user = make(" Ann@Example.COM ", Role::owner);
  EXPECT_EQ(user.email, "ann@example.com");
  EXPECT_EQ(user.name, "ann");
  EXPECT_TRUE(user.password_hash.starts_with("$argon2id$"));
  EXPECT_EQ(run(users.create({"ann@example.com", "", good}, organization, Role::viewer)).error().field, "email");
}

TEST_P(Accounts, sign_in_and_are_known_by_their_token) {
  const auto user = make("ann@example.com", Role::developer);
  const auto tokens = sign_in("ANN@example.com");
  ASSERT_TRUE(tokens.has_value()) << tokens.error().message;
  const auto principal = run(sessions.authenticate(tokens->access_token, ""));
  ASSERT_TRUE(principal.has_value()) << principal.error().message;
  EXPECT_EQ(principal->user_id, user.id);
  EXPECT_EQ(principal->organization_id, organization);
  EXPECT_EQ(principal->role, Role::developer);
  EXPECT_EQ(principal->grants, domain::grants_of(Role::developer));
  EXPECT_EQ(run(sessions.authenticate(tokens->access_token, "org_other")).error().code, ErrorCode::forbidden);
  clock.advance(SessionService::access_lifetime);
  EXPECT_EQ(run(sessions.authenticate(tokens->access_token, "")).error().code, ErrorCode::unauthorized);
}

TEST_P(Accounts, say_the_same_of_a_wrong_password_and_of_nobody) {
  make("ann@example.com", Role::viewer);
  const auto wrong = sign_in("ann@example.com", "wrong password").error();
  const auto nobody = sign_in("bob@example.com", "wrong password").error();
  EXPECT_EQ(wrong.code, ErrorCode::unauthorized);
  EXPECT_EQ(nobody.code, ErrorCode::unauthorized);
  EXPECT_EQ(wrong.message, nobody.message);
}

TEST_P(Accounts, are_locked_for_longer_and_longer) {
  make("ann@example.com", Role::viewer);
  for (int i = 0; i < SignInGuard::free_for_account; ++i) {
    EXPECT_EQ(sign_in("ann@example.com", "wrong password").error().code, ErrorCode::unauthorized);
  }
  EXPECT_EQ(sign_in("ann@example.com", "wrong password").error().code, ErrorCode::unauthorized);
  const auto locked = sign_in("ann@example.com").error();  // not even with the right one
  EXPECT_EQ(locked.code, ErrorCode::rate_limited);
  EXPECT_EQ(locked.retry_after, 1'000ms);
  clock.advance(1s);
  EXPECT_EQ(sign_in("ann@example.com", "wrong password").error().code, ErrorCode::unauthorized);
  EXPECT_EQ(sign_in("ann@example.com").error().retry_after, 2'000ms);
  clock.advance(2s);
  EXPECT_TRUE(sign_in("ann@example.com").has_value());
  EXPECT_EQ(sign_in("ann@example.com", "wrong password").error().code, ErrorCode::unauthorized);  // forgotten
  // People who do not exist are locked all the same.
  for (int i = 0; i <= SignInGuard::free_for_account; ++i) (void)sign_in("bob@example.com", "x");
  EXPECT_EQ(sign_in("bob@example.com", "x").error().code, ErrorCode::rate_limited);
}

TEST_P(Accounts, an_address_that_tries_many_accounts_is_locked) {
  for (int i = 0; i <= SignInGuard::free_for_address; ++i) {
    EXPECT_EQ(sign_in("u" + std::to_string(i) + "@example.com", "x", "2001:db8::1").error().code,
              ErrorCode::unauthorized);
  }
  EXPECT_EQ(sign_in("new@example.com", "x", "2001:db8::2").error().code, ErrorCode::rate_limited);  // same /64
  EXPECT_EQ(sign_in("new@example.com", "x", "2001:db8:1::2").error().code, ErrorCode::unauthorized);
  EXPECT_EQ(lock_after(1), 1'000ms);
  EXPECT_EQ(lock_after(40), 900'000ms);
}

TEST_P(Accounts, rotate_refresh_tokens_and_end_the_session_of_a_reused_one) {
  make("ann@example.com", Role::viewer);
  const auto first = sign_in("ann@example.com").value();
  const auto second = run(sessions.refresh(first.refresh_token, {"127.0.0.1", "test"}));
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_NE(second->refresh_token, first.refresh_token);
  EXPECT_TRUE(run(sessions.authenticate(second->access_token, "")).has_value());
  const auto other = sign_in("ann@example.com").value();
  EXPECT_EQ(run(sessions.refresh(first.refresh_token, {"198.51.100.9", "thief"})).error().code,
            ErrorCode::unauthorized);
  EXPECT_EQ(run(sessions.refresh(second->refresh_token, {})).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(run(sessions.authenticate(second->access_token, "")).error().code, ErrorCode::unauthorized);
  EXPECT_TRUE(run(sessions.authenticate(other.access_token, "")).has_value());
  EXPECT_EQ(run(sessions.refresh("refresh_unknown", {})).error().code, ErrorCode::unauthorized);
}

TEST_P(Accounts, sessions_end_by_themselves_and_by_signing_out) {
  const auto user = make("ann@example.com", Role::viewer);
  const auto first = sign_in("ann@example.com").value();
  EXPECT_EQ(run(sessions.live(user.id))->size(), 1U);
  EXPECT_EQ(run(sessions.end("user_other", first.session_id)).error().code, ErrorCode::not_found);
  ASSERT_TRUE(run(sessions.end_by_token(first.refresh_token)));
  EXPECT_EQ(run(sessions.authenticate(first.access_token, "")).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(run(sessions.refresh(first.refresh_token, {})).error().code, ErrorCode::unauthorized);
  const auto second = sign_in("ann@example.com").value();
  clock.advance(SessionService::idle_lifetime);
  EXPECT_EQ(run(sessions.refresh(second.refresh_token, {})).error().code, ErrorCode::unauthorized);
  clock.advance(24h * 31);
  ASSERT_TRUE(run(sessions.sweep()));
  EXPECT_TRUE(run(database->query({"SELECT 1 FROM refresh_tokens"}))->empty());
}

TEST_P(Accounts, accept_tokens_of_the_secret_before) {
  make("ann@example.com", Role::viewer);
  const auto old = sign_in("ann@example.com").value();
  SessionService rotated(*database, cache, passwords, sign_ins, clock, {"the new secret of this server!!", jwt_secret},
                         {});
  EXPECT_TRUE(run(rotated.authenticate(old.access_token, "")).has_value());
  const auto fresh = run(rotated.refresh(old.refresh_token, {})).value();
  EXPECT_EQ(run(sessions.authenticate(fresh.access_token, "")).error().code, ErrorCode::unauthorized);
  SessionService later(*database, cache, passwords, sign_ins, clock, {"the new secret of this server!!"}, {});
  EXPECT_TRUE(run(later.authenticate(fresh.access_token, "")).has_value());
  EXPECT_EQ(run(later.authenticate(old.access_token, "")).error().code, ErrorCode::unauthorized);
}

TEST_P(Accounts, come_by_invitation) {
  const auto owner = as(make("ann@example.com", Role::owner));
  const auto made = run(users.invite(owner, "Bob@example.com", Role::admin)).value();
  EXPECT_EQ(run(users.invitations(organization))->size(), 1U);
  EXPECT_EQ(run(database->query({"SELECT token_hash FROM invitations"}))->front().text(0),
            crypto::hash_api_key(made.token));
  EXPECT_EQ(run(users.accept({"invite_wrong", good}, "")).error().field, "token");
  EXPECT_EQ(run(users.accept({made.token, "short"}, "")).error().field, "password");
  const auto bob = run(users.accept({made.token, good, "Bob"}, ""));
  ASSERT_TRUE(bob.has_value()) << bob.error().message;
  EXPECT_EQ(as(*bob).role, Role::admin);
  EXPECT_EQ(run(users.accept({made.token, good}, "")).error().field, "token");
  EXPECT_TRUE(run(users.invitations(organization))->empty());
  const auto late = run(users.invite(owner, "carl@example.com", Role::viewer)).value();
  clock.advance(UserService::invitation_lifetime);
  EXPECT_EQ(run(users.accept({late.token, good}, "")).error().field, "token");
}

TEST_P(Accounts, that_exist_prove_an_invitation_with_their_password) {
  const auto other = run(workspaces.create("Other", "")).value();
  const auto bob = make("bob@example.com", Role::viewer, other.id);
  const auto owner = as(make("ann@example.com", Role::owner));
  const auto made = run(users.invite(owner, "bob@example.com", Role::developer)).value();
  EXPECT_EQ(run(users.accept({made.token, "not bob's password"}, "")).error().code, ErrorCode::unauthorized);
  ASSERT_TRUE(run(users.accept({made.token, good}, "")));
  EXPECT_EQ(run(workspaces.memberships(bob.id))->size(), 2U);
  EXPECT_EQ(as(bob, organization).role, Role::developer);
  EXPECT_EQ(as(bob, other.id).role, Role::viewer);
  const auto again = run(users.invite(owner, "bob@example.com", Role::admin)).value();
  EXPECT_EQ(run(users.accept({again.token, good}, "")).error().code, ErrorCode::invalid);
}

TEST_P(Accounts, roles_are_changed_by_those_above_and_one_owner_stays) {
  const auto ann = make("ann@example.com", Role::owner);
  const auto bob = make("bob@example.com", Role::admin);
  const auto owner = as(ann);
  const auto admin = as(bob);
  EXPECT_EQ(run(workspaces.set_role(admin, ann.id, Role::viewer)).error().code, ErrorCode::forbidden);
  EXPECT_EQ(run(workspaces.set_role(admin, bob.id, Role::owner)).error().code, ErrorCode::forbidden);
  EXPECT_EQ(run(users.invite(admin, "x@example.com", Role::owner)).error().code, ErrorCode::forbidden);
  EXPECT_EQ(run(workspaces.set_role(owner, ann.id, Role::admin)).error().code, ErrorCode::invalid);
  EXPECT_EQ(run(workspaces.remove_member(owner, ann.id)).error().code, ErrorCode::invalid);
  ASSERT_TRUE(run(workspaces.set_role(owner, bob.id, Role::owner)));
  EXPECT_EQ(as(bob).role, Role::owner);
  ASSERT_TRUE(run(workspaces.set_role(as(bob), ann.id, Role::viewer)));
  EXPECT_EQ(run(workspaces.remove_member(as(ann), bob.id)).error().code, ErrorCode::forbidden);
  ASSERT_TRUE(run(workspaces.remove_member(as(ann), ann.id)));  // whoever likes may leave
  const auto nowhere = as(ann);
  EXPECT_TRUE(nowhere.organization_id.empty());
  EXPECT_EQ(nowhere.grants, domain::Grants{});
}

TEST_P(Accounts, lose_their_rights_at_once_with_their_role) {
  const auto bob = make("bob@example.com", Role::admin);
  const auto owner = as(make("ann@example.com", Role::owner));
  const auto tokens = sign_in("bob@example.com").value();
  EXPECT_EQ(run(sessions.authenticate(tokens.access_token, organization))->role, Role::admin);
  ASSERT_TRUE(run(workspaces.set_role(owner, bob.id, Role::viewer)));
  EXPECT_EQ(run(sessions.authenticate(tokens.access_token, organization))->role, Role::viewer);
  ASSERT_TRUE(run(workspaces.remove_member(owner, bob.id)));
  EXPECT_EQ(run(sessions.authenticate(tokens.access_token, organization)).error().code, ErrorCode::forbidden);
}

TEST_P(Accounts, change_their_password_and_end_the_other_sessions) {
  const auto user = make("ann@example.com", Role::viewer);
  const auto elsewhere = sign_in("ann@example.com").value();
  const auto here = sign_in("ann@example.com").value();
  const auto me = run(sessions.authenticate(here.access_token, "")).value();
  EXPECT_EQ(run(users.change_password(me, "wrong password", "another good one", "")).error().code,
            ErrorCode::unauthorized);
  EXPECT_EQ(run(users.change_password(me, good, "short", "")).error().field, "password");
  EXPECT_TRUE(run(sessions.authenticate(elsewhere.access_token, "")).has_value());
  ASSERT_TRUE(run(users.change_password(me, good, "another good one", "")));
  EXPECT_TRUE(run(sessions.authenticate(here.access_token, "")).has_value());
  EXPECT_FALSE(run(sessions.authenticate(elsewhere.access_token, "")).has_value());
  EXPECT_FALSE(run(sessions.refresh(elsewhere.refresh_token, {})).has_value());
  EXPECT_FALSE(sign_in("ann@example.com").has_value());
  EXPECT_TRUE(sign_in("ann@example.com", "another good one").has_value());
}

TEST_P(Accounts, get_a_new_password_by_a_link) {
  const auto user = make("ann@example.com", Role::viewer);
  const auto session = sign_in("ann@example.com").value();
  const auto link = run(users.reset_link("ann@example.com", "operator")).value();
  const auto spare = run(users.reset_link("ann@example.com", "operator")).value();
  ASSERT_TRUE(run(users.reset_password(link.token, "another good one")));
  EXPECT_FALSE(run(sessions.authenticate(session.access_token, "")).has_value());
  EXPECT_TRUE(sign_in("ann@example.com", "another good one").has_value());
  EXPECT_EQ(run(users.reset_password(link.token, "a third good one")).error().field, "token");
  EXPECT_EQ(run(users.reset_password(spare.token, "a third good one")).error().field, "token");
  EXPECT_EQ(run(users.accept({spare.token, good}, "")).error().field, "token");
}

TEST_P(Accounts, an_admin_cannot_take_over_people_of_other_workspaces) {
  const auto other = run(workspaces.create("Other", "")).value();
  const auto bob = make("bob@example.com", Role::viewer, other.id);
  const auto carl = make("carl@example.com", Role::viewer);
  const auto admin = as(make("ann@example.com", Role::admin));
  const auto owner = make("olga@example.com", Role::owner);
  EXPECT_TRUE(run(users.reset_link_for(admin, carl.id)).has_value());
  EXPECT_EQ(run(users.reset_link_for(admin, bob.id)).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(users.reset_link_for(admin, owner.id)).error().code, ErrorCode::forbidden);
  const auto invited = run(users.invite(admin, "bob@example.com", Role::viewer)).value();
  ASSERT_TRUE(run(users.accept({invited.token, good}, "")));
  EXPECT_EQ(run(users.reset_link_for(admin, bob.id)).error().code, ErrorCode::forbidden);
}

TEST_P(Accounts, a_new_workspace_belongs_to_its_maker) {
  const auto ann = make("ann@example.com", Role::viewer);
  const auto made = run(workspaces.create("Mine", ann.id)).value();
  EXPECT_EQ(as(ann, made.id).role, Role::owner);
  EXPECT_EQ(run(workspaces.change(made.id, {.webhook_url = "not a url"})).error().field, "webhook_url");
  ASSERT_TRUE(run(workspaces.change(made.id, {.name = "Ours", .webhook_url = "https://example.com/all"})));
  EXPECT_EQ(run(workspaces.get(made.id))->name, "Ours");
  EXPECT_EQ(run(workspaces.webhook_url(made.id)).value(), "https://example.com/all");
  EXPECT_EQ(read_workspace_change(of(R"({"name":null})")).error().message, "name: must not be null");
  ASSERT_TRUE(run(workspaces.change(made.id, read_workspace_change(of(R"({"webhook_url":null})")).value())));
  EXPECT_EQ(run(workspaces.webhook_url(made.id)).value(), "");
  EXPECT_EQ(run(workspaces.get(made.id))->name, "Ours");
  EXPECT_EQ(run(workspaces.get("org_none")).error().code, ErrorCode::not_found);
}

RETELL_ON_EVERY_DATABASE(Accounts);

}  // namespace
}  // namespace retell::services
