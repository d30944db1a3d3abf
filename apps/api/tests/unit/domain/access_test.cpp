#include "domain/access.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace retell::domain {
namespace {

TEST(Access, of_roles_only_shrinks_from_owner_to_viewer) {
  EXPECT_TRUE(grants_of(Role::viewer).within(grants_of(Role::developer)));
  EXPECT_TRUE(grants_of(Role::developer).within(grants_of(Role::admin)));
  EXPECT_TRUE(grants_of(Role::admin).within(grants_of(Role::owner)));
  for (std::size_t i = 0; i < area_count; ++i) {
    EXPECT_NE(grants_of(Role::viewer).of(static_cast<Area>(i)), Access::edit) << area_name(static_cast<Area>(i));
  }
  EXPECT_FALSE(grants_of(Role::developer).allow({Area::api_key, Access::edit}));
  EXPECT_FALSE(grants_of(Role::viewer).allow({Area::call, Access::read}));
  EXPECT_TRUE(grants_of(Role::admin).allow({Area::member, Access::edit}));
}

TEST(Access, is_read_from_scopes_and_written_back) {
  const auto grants = read_grants(json::parse(R"({"agent":"edit","export":"read","call":"none"})").value()).value();
  EXPECT_TRUE(grants.allow({Area::agent, Access::edit}));
  EXPECT_FALSE(grants.allow({Area::exporting, Access::edit}));
  EXPECT_EQ(json::dump(to_json(grants)), R"({"agent":"edit","export":"read"})");
  EXPECT_EQ(read_grants(json::parse(R"({"agents":"edit"})").value()).error().field, "scopes.agents");
  EXPECT_EQ(read_grants(json::parse(R"({"agent":"write"})").value()).error().field, "scopes.agent");
  EXPECT_EQ(read_grants("all").error().field, "scopes");
}

TEST(Origins, fit_entries_exactly) {
  EXPECT_TRUE(origin_allowed("https://shop.example", "https://shop.example"));
  EXPECT_TRUE(origin_allowed("https://SHOP.example:443", "https://shop.example"));
  EXPECT_FALSE(origin_allowed("http://shop.example", "https://shop.example"));
  EXPECT_FALSE(origin_allowed("https://shop.example:8443", "https://shop.example"));
  EXPECT_TRUE(origin_allowed("https://shop.example:8443", "shop.example"));
  EXPECT_FALSE(origin_allowed("http://shop.example", "shop.example"));
  EXPECT_TRUE(origin_allowed("http://localhost:3000", "localhost"));
  EXPECT_TRUE(origin_allowed("http://[::1]:3000", "[::1]"));
  EXPECT_FALSE(origin_allowed("https://evilshop.example", "shop.example"));
  EXPECT_FALSE(origin_allowed("https://shop.example.evil.example", "shop.example"));
  EXPECT_TRUE(origin_allowed("https://a.b.shop.example", "*.shop.example"));
  EXPECT_FALSE(origin_allowed("https://shop.example", "*.shop.example"));
  EXPECT_FALSE(origin_allowed("https://evilshop.example", "https://*.shop.example"));
  EXPECT_FALSE(origin_allowed("null", "shop.example"));
  EXPECT_FALSE(origin_allowed("", "shop.example"));
  EXPECT_TRUE(is_origin_entry("https://shop.example:8443"));
  EXPECT_TRUE(is_origin_entry("*.shop.example"));
  for (const auto* entry : {"", "*", "https://", "ftp://shop.example", "shop.example/path", "a b", "x:y"}) {
    EXPECT_FALSE(is_origin_entry(entry)) << entry;
  }
}

}  // namespace
}  // namespace retell::domain
