#include <gtest/gtest.h>

#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using domain::Access;
using domain::Area;

class Keys : public ServicesFixture {};

TEST_P(Keys, open_the_door_until_they_are_revoked) {
  const auto second = run(keys.create(organization, "Second")).value();
  EXPECT_EQ(run(keys.authenticate(second.key))->organization_name, "Acme");
  EXPECT_EQ(run(keys.authenticate("key_wrong")).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(run(keys.authenticate("")).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(run(keys.list(organization))->size(), 2U);
  EXPECT_EQ(run(keys.revoke("org_other", second.id)).error().code, ErrorCode::not_found);
  ASSERT_TRUE(run(keys.revoke(organization, second.id)));
  EXPECT_FALSE(run(keys.authenticate(second.key)).has_value());
  EXPECT_EQ(run(keys.revoke(organization, second.id)).error().code, ErrorCode::not_found);
}

TEST_P(Keys, the_first_one_signs_webhooks_and_is_not_stored_readably) {
  EXPECT_EQ(run(keys.signing_key(organization)).value(), key);
  const auto second = run(keys.create(organization, "Second"))->key;
  EXPECT_EQ(run(keys.signing_key(organization)).value(), key);
  EXPECT_TRUE(run(keys.authenticate(second)).has_value());
  const auto rows = run(database->query({"SELECT hash, hint FROM api_keys"}));
  for (const auto& row : *rows) EXPECT_EQ((row.text(0) + row.text(1)).find(key), std::string::npos);
  EXPECT_EQ(run(database->query({"SELECT webhook_key FROM organizations"}))->front().text(0).find(key),
            std::string::npos);
}

TEST_P(Keys, hand_the_signing_over) {
  const auto first = run(keys.list(organization))->front().id;
  EXPECT_EQ(run(keys.webhook_key_id(organization)).value(), first);
  EXPECT_EQ(run(keys.revoke(organization, first)).error().code, ErrorCode::invalid);
  const auto second = run(keys.create(organization, "Second")).value();
  EXPECT_EQ(run(keys.sign_webhooks_with(organization, second.id, key)).error().field, "key");
  ASSERT_TRUE(run(keys.sign_webhooks_with(organization, second.id, second.key)));
  EXPECT_EQ(run(keys.signing_key(organization)).value(), second.key);
  ASSERT_TRUE(run(keys.revoke(organization, first)));
  const auto third = run(keys.create(organization, {.name = "Third", .signs_webhooks = true})).value();
  EXPECT_EQ(run(keys.signing_key(organization)).value(), third.key);
  // An operator can revoke even that one; the next key takes over.
  ASSERT_TRUE(run(keys.revoke(organization, third.id, true)));
  EXPECT_EQ(run(keys.signing_key(organization)).error().code, ErrorCode::precondition);
  const auto fourth = run(keys.create(organization, "Fourth")).value();
  EXPECT_EQ(run(keys.signing_key(organization)).value(), fourth.key);
}

TEST_P(Keys, may_do_what_their_scopes_say) {
  const auto whole = run(keys.authenticate(key)).value();
  EXPECT_TRUE(whole.grants.allow({Area::agent, Access::edit}));
  EXPECT_TRUE(whole.grants.allow({Area::audit, Access::read}));
  EXPECT_FALSE(whole.grants.allow({Area::api_key, Access::edit}));
  domain::Grants grants;
  grants.set(Area::history, Access::read);
  const auto made = run(keys.create(organization, {.name = "Reader", .grants = grants})).value();
  EXPECT_EQ(run(keys.authenticate(made.key))->grants, grants);
  grants.set(Area::agent, Access::edit);
  EXPECT_EQ(run(keys.change("org_other", made.id, {.grants = grants})).error().code, ErrorCode::not_found);
  ASSERT_TRUE(run(keys.change(organization, made.id, {.name = "Writer", .grants = grants})));
  const auto changed = run(keys.authenticate(made.key)).value();
  EXPECT_EQ(changed.grants, grants);
  EXPECT_EQ(changed.api_key_name, "Writer");
}

TEST_P(Keys, for_browsers_know_their_origins_and_can_do_little) {
  EXPECT_EQ(run(keys.create(organization, {.name = "Page", .is_public = true})).error().field, "allowed_origins");
  EXPECT_EQ(run(keys.create(organization, {.name = "P", .is_public = true, .allowed_origins = {"javascript:x"}}))
                .error()
                .field,
            "allowed_origins");
  domain::Grants wide;
  wide.set(Area::agent, Access::read);
  const KeyWish greedy{.name = "P", .grants = wide, .is_public = true, .allowed_origins = {"shop.example"}};
  EXPECT_EQ(run(keys.create(organization, greedy)).error().field, "scopes");
  const KeyWish signer{.name = "P", .is_public = true, .allowed_origins = {"shop.example"}, .signs_webhooks = true};
  EXPECT_EQ(run(keys.create(organization, signer)).error().field, "is_webhook_key");
  const auto made =
      run(keys.create(organization, {.name = "Page", .is_public = true, .allowed_origins = {"shop.example"}})).value();
  EXPECT_TRUE(made.key.starts_with("public_key_"));
  const auto principal = run(keys.authenticate(made.key)).value();
  EXPECT_EQ(principal.kind, PrincipalKind::public_key);
  EXPECT_EQ(principal.allowed_origins, std::vector<std::string>{"shop.example"});
  EXPECT_TRUE(principal.grants.allow({Area::call, Access::edit}));
  EXPECT_FALSE(principal.grants.allow({Area::history, Access::read}));
  EXPECT_EQ(run(keys.signing_key(organization)).value(), key);
}

TEST_P(Keys, remember_when_they_were_last_used) {
  EXPECT_FALSE(run(keys.list(organization))->front().last_used_at.has_value());
  ASSERT_TRUE(run(keys.authenticate(key)));
  const auto first = core::epoch_ms(clock.wall());
  EXPECT_EQ(run(keys.list(organization))->front().last_used_at, first);
  clock.advance(std::chrono::seconds(30));  // not written for every request
  ASSERT_TRUE(run(keys.authenticate(key)));
  EXPECT_EQ(run(keys.list(organization))->front().last_used_at, first);
  clock.advance(std::chrono::seconds(61));
  ASSERT_TRUE(run(keys.authenticate(key)));
  EXPECT_EQ(run(keys.list(organization))->front().last_used_at, core::epoch_ms(clock.wall()));
}

TEST_P(Keys, carry_their_workspaces_limits) {
  EXPECT_FALSE(run(keys.authenticate(key))->requests_per_second.has_value());
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_requests_per_second = 7})));
  clock.advance(ApiKeyService::remembered);
  EXPECT_EQ(run(keys.authenticate(key))->requests_per_second, 7);
}

RETELL_ON_EVERY_DATABASE(Keys);

}  // namespace
}  // namespace retell::services
