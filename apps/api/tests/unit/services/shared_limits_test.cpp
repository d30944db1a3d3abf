// What two processes of a deployment count together.
#include "unit/services/two_call_services.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

TEST_F(TwoCallServices, keep_a_workspaces_limit_together) {  // of 3
  const auto mine = call(first);
  ASSERT_TRUE(mine && call(first) && call(second));
  for (auto* node : {&first, &second}) {
    const auto refused = call(*node);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::ErrorCode::rate_limited);
    EXPECT_GT(refused.error().retry_after, 0ms);
    EXPECT_EQ(seen_by(*node), 3);
  }
  EXPECT_EQ(second.launcher.expected.size(), 1U) << "a call that is refused leaves nothing behind";
  first.launcher.expected.at(mine->call_id).on_missed();
  first.calls.close();
  run(finish(first.calls));
  EXPECT_TRUE(eventually([&] { return seen_by(second) == 2; }));
  EXPECT_TRUE(call(second));
  EXPECT_FALSE(call(second));
}

TEST_F(TwoCallServices, give_back_the_place_of_a_call_that_was_not_made) {
  const auto whole = agent;
  agent = "agent_unknown";
  EXPECT_FALSE(call(first));
  agent = whole;
  ASSERT_TRUE(run(database->execute({"ALTER TABLE calls RENAME TO elsewhere"})));
  EXPECT_FALSE(call(first));
  ASSERT_TRUE(run(database->execute({"ALTER TABLE elsewhere RENAME TO calls"})));
  EXPECT_TRUE(eventually([&] { return seen_by(second) == 0; }));
}

TEST_F(TwoCallServices, know_at_its_next_start_that_a_crashed_nodes_calls_are_over) {
  ASSERT_TRUE(call(first) && call(first) && call(second));
  clock.advance(1s);
  Node restarted(*this, "node_1");
  ASSERT_TRUE(eventually([&] { return used(restarted); }));
  EXPECT_EQ(run(restarted.calls.close_abandoned()).value(), 2);
  EXPECT_TRUE(eventually([&] { return seen_by(second) == 1; }));
}

TEST_F(TwoCallServices, go_on_alone_without_redis) {
  ASSERT_TRUE(call(first) && call(first) && call(second));
  redis.kill();
  ASSERT_TRUE(eventually([&] { return !used(first) && !used(second); }));
  EXPECT_TRUE(call(first));
  EXPECT_EQ(call(first).error().code, core::ErrorCode::rate_limited);
  for (auto* node : {&first, &second}) EXPECT_EQ(seen_by(*node), 4) << "from the database, which all of them have";
  redis.start();
  ASSERT_TRUE(eventually([&] { return used(first) && used(second); }));
  EXPECT_TRUE(eventually([&] { return seen_by(first) == 4 && seen_by(second) == 4; })) << "as each has registered";
  EXPECT_EQ(call(second).error().code, core::ErrorCode::rate_limited);
}

TEST_F(TwoCallServices, each_take_no_more_than_they_can_carry) {
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_concurrent_calls = 100})));
  config.limits.max_concurrent_calls = 2;
  ASSERT_TRUE(call(first) && call(first));
  const auto refused = call(first);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::rate_limited);
  EXPECT_NE(refused.error().message.find("this server's limit of 2"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(call(second));
  EXPECT_EQ(seen_by(first), 3);
}

}  // namespace
}  // namespace retell::services
