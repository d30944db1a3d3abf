// What two processes of a deployment count together.
#include "unit/services/two_call_services.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

TEST_F(TwoCallServices, keep_a_workspaces_limit_together) {  // of 3
  const auto mine = call(first);
  ASSERT_TRUE(mine && call(first) && call(second));
  are_full();
  EXPECT_EQ(second.launcher.expected.size(), 1U) << "a call that is refused leaves nothing behind";
  first.launcher.expected.at(mine->call_id).on_missed();
  first.calls.close();
  run(finish(first.calls));
  EXPECT_TRUE(eventually([&] { return seen_by(second) == 2; }));
  // The record says it first, Redis a moment later.
  EXPECT_TRUE(eventually([&] { return call(second).has_value(); }));
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

// What holds whoever answers, or does not.
class SharedLimit : public TwoCallServices, public ::testing::WithParamInterface<storage::Dialect> {
 protected:
  SharedLimit() : TwoCallServices(GetParam()) {}
  void lose_redis() {
    redis.kill();
    ASSERT_TRUE(eventually([&] { return !used(first) && !used(second); }));
  }
  // How many of this many calls come about that are asked of both nodes at the same moment.
  int at_once(int each) {
    int made = 0;
    int asked = 0;
    auto one = [&](Node& node) -> core::Task<void> {
      WebCallRequest request;
      request.agent_id = agent;
      const auto done = co_await node.calls.create_web_call(organization, std::move(request));
      made += done ? 1 : 0;
      if (!done) EXPECT_EQ(done.error().code, core::ErrorCode::rate_limited) << done.error().message;
      --asked;
    };
    for (int i = 0; i < each; ++i) {
      for (auto* node : {&first, &second}) {
        ++asked;
        boost::asio::co_spawn(io, one(*node), boost::asio::detached);
      }
    }
    EXPECT_TRUE(until([&] { return asked == 0; }));
    return made;
  }
};

TEST_P(SharedLimit, is_kept_without_redis_and_when_it_is_back_empty) {
  ASSERT_TRUE(call(first) && call(first));
  lose_redis();
  EXPECT_TRUE(call(second));
  are_full();
  EXPECT_EQ(first.launcher.forgotten.size(), 1U) << "a call that found no room is not kept ready";
  redis.start();
  ASSERT_TRUE(eventually([&] { return used(first) && used(second); }));
  for (auto* node : {&first, &second}) EXPECT_EQ(call(*node).error().code, core::ErrorCode::rate_limited);
}

TEST_P(SharedLimit, is_kept_without_redis_whatever_is_asked_at_the_same_moment) {
  lose_redis();
  EXPECT_EQ(at_once(20), 3);
  EXPECT_EQ(seen_by(first), 3);
}

TEST_P(SharedLimit, is_kept_by_those_who_have_redis_and_one_who_has_not) {
  constexpr storage::CallLease lease{.lifetime = 300ms, .renew_every = 100ms};
  Node sure(*this, "node_3", redis.port(), workspaces, lease);
  begin(sure);
  const auto sees_all = [&] { return run(sure.state.calls().count(organization)).together; };
  ASSERT_TRUE(eventually(sees_all));
  clock.advance(2min);  // since the start, when no connection stood yet
  ASSERT_TRUE(call(sure));
  Node apart(*this, "node_4", 1, workspaces);  // nothing listens there
  ASSERT_TRUE(call(apart) && call(apart));
  EXPECT_TRUE(sees_all()) << "it does not know by itself that there is another";
  EXPECT_EQ(call(sure).error().code, core::ErrorCode::rate_limited);
  EXPECT_EQ(call(apart).error().code, core::ErrorCode::rate_limited);
  EXPECT_EQ(seen_by(sure), 3);
}

TEST_P(SharedLimit, is_what_the_processes_can_carry_where_none_is_set) {
  WorkspaceService unlimited(*database, cache, clock, {});
  config.limits.max_concurrent_calls = 2;
  Node one(*this, "node_3", 1, unlimited);
  Node other(*this, "node_4", 1, unlimited);
  for (auto* node : {&one, &other}) {
    EXPECT_TRUE(call(*node) && call(*node));
    EXPECT_EQ(call(*node).error().code, core::ErrorCode::rate_limited);
  }
}

RETELL_ON_EVERY_DATABASE(SharedLimit);

}  // namespace
}  // namespace retell::services
