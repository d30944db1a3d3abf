// Limits of requests and registers of calls: in one process, and of several that share a Redis which comes and goes.
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "storage/cache/shared_state.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace retell::storage {
namespace {

using test::RedisServer;
using test::run;
using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& holds) { return test::wait_until(holds, 10s); }

TEST(MemoryRateLimiter, lets_twice_the_rate_pass_at_once_and_the_rate_on_average) {
  for (const int rate : {1, 2, 3, 7, 50, 999}) {
    core::ManualClock clock;
    MemoryRateLimiter limiter(clock);
    const auto passes = [&] { return !run(limiter.too_early_by("org", rate)); };
    int at_once = 0;
    while (passes()) ++at_once;
    EXPECT_EQ(at_once, 2 * rate);
    int later = 0;
    for (int i = 0; i < 10'000; ++i) {
      clock.advance(1ms);
      later += passes() ? 1 : 0;
    }
    EXPECT_NEAR(later, 10 * rate, 1) << rate;
  }
}

TEST(MemoryRateLimiter, says_exactly_how_long_to_wait_also_when_the_rate_changes) {
  core::ManualClock clock;
  MemoryRateLimiter limiter(clock);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(run(limiter.too_early_by("org", 2)));
  EXPECT_EQ(run(limiter.too_early_by("org", 2)), 500ms);
  EXPECT_FALSE(run(limiter.too_early_by("other", 2)));
  clock.advance(499ms);
  EXPECT_EQ(run(limiter.too_early_by("org", 2)), 1ms);
  clock.advance(1ms);
  EXPECT_FALSE(run(limiter.too_early_by("org", 2)));
  EXPECT_EQ(run(limiter.too_early_by("org", 100)), 10ms);
  clock.advance(1s);
  int passed = 0;
  while (!run(limiter.too_early_by("org", 100))) ++passed;
  EXPECT_EQ(passed, 100);
}

TEST(MemoryCallRegistry, can_be_walked_through_in_batches) {
  MemoryCallRegistry registry(10);
  EXPECT_TRUE(registry.after({}, 2).calls.empty());
  for (const auto* call : {"c", "a", "b"}) registry.add("one", call);
  registry.add("two", "a");
  std::string seen;
  for (auto batch = registry.after({}, 2); !batch.calls.empty(); batch = registry.after(batch, 2)) {
    seen += batch.organization_id + ":";
    for (const auto& call : batch.calls) seen += call;
    seen += " ";
    if (seen == "one:ab ") registry.release("one", "b");  // where it stands may be gone meanwhile
  }
  EXPECT_EQ(seen, "one:ab one:c two:a ");
}

std::unique_ptr<RedisState> connect(const RedisServer& server, const core::Clock& clock, core::Metrics& metrics,
                                    CallLease lease = {}) {
  auto state =
      std::make_unique<RedisState>(RedisAddress{.host = "127.0.0.1", .port = server.port()},
                                   RedisOptions{.command_timeout = 200ms}, 5, clock, metrics, core::Logger{}, lease);
  EXPECT_TRUE(eventually([&] {
    state->cache().set("probe", "x", "y", 10s, "");
    return !run(state->cache().get("probe", "x")).token.empty();
  }));
  return state;
}

// The rules that hold in any case.
class AnyState : public ::testing::TestWithParam<bool> {
 protected:
  AnyState() {
    if (GetParam()) {
      server_ = std::make_unique<RedisServer>();
      state_ = connect(*server_, clock_, metrics_);
    } else {
      state_ = std::make_unique<ProcessState>(clock_, 100, Cache::longest_lifetime, 5);
    }
  }
  core::SystemClock clock_;
  core::Metrics metrics_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<SharedState> state_;
};

TEST_P(AnyState, slows_down_who_asks_too_much_and_nobody_else) {
  auto& rates = state_->rates();
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(run(rates.too_early_by("org", 2))) << i;
  const auto wait = run(rates.too_early_by("org", 2)).value_or(0ms);
  EXPECT_GT(wait, 300ms);
  EXPECT_LE(wait, 500ms);
  EXPECT_FALSE(run(rates.too_early_by("other", 2)));
  EXPECT_LE(run(rates.too_early_by("org", 100)).value_or(0ms), 10ms) << "the operator raised the limit";
  std::this_thread::sleep_for(wait);
  EXPECT_FALSE(run(rates.too_early_by("org", 2)));
  EXPECT_TRUE(run(rates.too_early_by("org", 2)));
}

TEST_P(AnyState, registers_as_many_calls_as_a_workspace_may_have) {
  auto& calls = state_->calls();
  EXPECT_EQ(run(calls.count("org")).calls, 0);
  EXPECT_FALSE(run(calls.take("org", "a", 0)));
  EXPECT_TRUE(run(calls.take("org", "a", 2)));
  EXPECT_TRUE(run(calls.take("org", "b", 2)));
  EXPECT_TRUE(run(calls.take("org", "b", 2))) << "asked again, it is the same call";
  EXPECT_FALSE(run(calls.take("org", "c", 2)));
  EXPECT_TRUE(run(calls.take("other", "c", 2)));
  EXPECT_EQ(run(calls.count("org")).calls, 2);
  calls.release("org", "unknown");
  calls.release("org", "a");
  EXPECT_TRUE(eventually([&] { return run(calls.count("org")).calls == 1; }));
  EXPECT_TRUE(run(calls.take("org", "c", 2)));
  EXPECT_FALSE(run(calls.take("org", "d", 2)));
}

TEST_P(AnyState, gives_a_place_that_was_released_to_whoever_asks_next) {
  auto& calls = state_->calls();
  for (int i = 0; i < 500; ++i) {
    const auto id = std::to_string(i);
    ASSERT_TRUE(run(calls.take("org", id, 1))) << i;
    calls.release("org", id);
  }
}

INSTANTIATE_TEST_SUITE_P(In, AnyState, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Redis" : "Memory"; });

// Two processes over one Redis.
class TwoNodes : public ::testing::Test {
 protected:
  int count(RedisState& node) { return run(node.calls().count("org")).calls; }
  // Both see as many, within the time that it takes to find a Redis that is back.
  bool both_count(int calls) {
    return eventually([&] { return count(*first_) == calls && count(*second_) == calls; });
  }
  bool metric(const std::string& line) { return metrics_.render().find(line) != std::string::npos; }

  RedisServer server_;
  core::SystemClock clock_;
  core::Metrics metrics_;
  std::unique_ptr<RedisState> first_ = connect(server_, clock_, metrics_);  // with leases longer than any test
  std::unique_ptr<RedisState> second_ = connect(server_, clock_, metrics_);
};

TEST_F(TwoNodes, that_ask_at_the_same_moment_take_no_more_places_than_there_are) {
  std::atomic<int> taken{0};
  const auto ask_for_many = [&taken](RedisState& node, const std::string& name) {
    boost::asio::io_context context;
    auto one = [&](int i) -> core::Task<void> {
      if (co_await node.calls().take("org", name + std::to_string(i), 10)) ++taken;
    };
    for (int i = 0; i < 100; ++i) boost::asio::co_spawn(context, one(i), boost::asio::detached);
    context.run();
  };
  std::thread other([&] { ask_for_many(*second_, "second"); });
  ask_for_many(*first_, "first");
  other.join();
  EXPECT_EQ(taken, 10);
  EXPECT_TRUE(both_count(10));
}

TEST_F(TwoNodes, share_the_rate_of_requests) {
  std::atomic<int> passed{0};
  const auto begun = clock_.now();
  const auto ask_often = [&](RedisState& node) {
    while (clock_.now() - begun < 1s) passed += run(node.rates().too_early_by("org", 50)) ? 0 : 1;
  };
  std::thread other([&] { ask_often(*second_); });
  ask_often(*first_);
  other.join();
  const auto seconds = std::chrono::duration<double>(clock_.now() - begun).count();
  EXPECT_GE(passed, 140);
  EXPECT_LE(passed, 100 + static_cast<int>(50 * seconds) + 1);
}

TEST_F(TwoNodes, are_sure_of_each_others_calls_when_a_connection_has_stood_for_the_length_of_a_lease) {
  constexpr CallLease lease{.lifetime = 400ms, .renew_every = 100ms};
  first_ = connect(server_, clock_, metrics_, lease);
  const auto counted = [&] {
    static int call = 0;
    return run(first_->calls().take("org", std::to_string(call++), 1'000)).counted;
  };
  EXPECT_EQ(counted(), Counted::unsure);
  EXPECT_FALSE(run(first_->calls().count("org")).together);
  EXPECT_FALSE(first_->calls().apart());
  EXPECT_TRUE(eventually([&] { return counted() == Counted::together; }));
  EXPECT_TRUE(run(first_->calls().count("org")).together);
  server_.kill();
  EXPECT_TRUE(eventually([&] { return counted() == Counted::alone && first_->calls().apart(); }));
  server_.start();
  EXPECT_TRUE(eventually([&] { return counted() != Counted::alone; }));
  EXPECT_EQ(counted(), Counted::unsure) << "others may not have told of their calls yet";
  EXPECT_TRUE(eventually([&] { return counted() == Counted::together; }));
}

TEST_F(TwoNodes, keep_the_calls_of_the_living_and_lose_those_of_the_dead) {
  constexpr CallLease lease{.lifetime = 600ms, .renew_every = 150ms};
  first_ = connect(server_, clock_, metrics_, lease);
  second_ = connect(server_, clock_, metrics_, lease);
  ASSERT_TRUE(run(first_->calls().take("org", "a", 2)));
  ASSERT_TRUE(run(second_->calls().take("org", "b", 2)));
  std::this_thread::sleep_for(2 * lease.lifetime);
  EXPECT_TRUE(both_count(2));
  second_.reset();
  EXPECT_EQ(count(*first_), 2);
  EXPECT_FALSE(run(first_->calls().take("org", "c", 2)));
  EXPECT_TRUE(eventually([&] { return count(*first_) == 1; }));
  EXPECT_TRUE(run(first_->calls().take("org", "c", 2)));
}

TEST_F(TwoNodes, carry_as_many_calls_as_both_together) {
  EXPECT_EQ(second_->calls().capacity(), 10);
  constexpr CallLease lease{.lifetime = 600ms, .renew_every = 150ms};
  first_ = connect(server_, clock_, metrics_, lease);
  auto third = connect(server_, clock_, metrics_, lease);
  const auto first_sees = [&](int calls) { return eventually([&] { return first_->calls().capacity() == calls; }); };
  EXPECT_TRUE(first_sees(20)) << "with the one that was left without a word";
  third.reset();
  EXPECT_TRUE(first_sees(15));
  server_.kill();
  EXPECT_TRUE(first_sees(5));
  server_.start();
  EXPECT_TRUE(first_sees(10));
}

TEST_F(TwoNodes, may_release_each_others_calls) {
  ASSERT_TRUE(run(first_->calls().take("org", "a", 2)));
  second_->calls().release("org", "a");  // whose record it closed
  EXPECT_TRUE(eventually([&] { return count(*second_) == 0; }));
}

TEST_F(TwoNodes, count_alone_without_redis_and_together_again_when_it_is_back) {
  ASSERT_TRUE(run(first_->calls().take("org", "a1", 3)));
  ASSERT_TRUE(run(first_->calls().take("org", "a2", 3)));
  ASSERT_TRUE(run(second_->calls().take("org", "b1", 3)));
  ASSERT_FALSE(run(second_->calls().take("org", "b2", 3)));
  server_.kill();
  std::this_thread::sleep_for(100ms);
  const auto begun = clock_.now();
  EXPECT_TRUE(run(second_->calls().take("org", "b2", 3)));
  EXPECT_TRUE(run(second_->calls().take("org", "b3", 3)));
  EXPECT_FALSE(run(second_->calls().take("org", "b4", 3)));
  EXPECT_EQ(count(*first_), 2);
  EXPECT_EQ(count(*second_), 3);
  int passed = 0;
  for (int i = 0; i < 300; ++i) passed += run(first_->rates().too_early_by("org", 5)) ? 0 : 1;
  EXPECT_GE(passed, 10);
  EXPECT_LE(passed, 15);
  first_->calls().release("org", "a2");
  EXPECT_LT(clock_.now() - begun, 1s);
  EXPECT_TRUE(metric(R"(retell_unshared_limits_total{limit="calls"} 3)")) << metrics_.render();

  server_.start();  // empty
  EXPECT_TRUE(both_count(4));
  EXPECT_FALSE(run(first_->calls().take("org", "a3", 4)));
  for (const auto* call : {"b1", "b2", "b3"}) second_->calls().release("org", call);
  EXPECT_TRUE(both_count(1));
}

TEST_F(TwoNodes, are_held_up_once_by_a_redis_that_no_longer_answers_and_tell_it_later_what_ended) {
  ASSERT_TRUE(run(first_->calls().take("org", "a", 3)));
  ASSERT_TRUE(run(first_->calls().take("org", "b", 3)));
  server_.freeze();
  const auto begun = clock_.now();
  for (int i = 0; i < 200; ++i) (void)run(first_->rates().too_early_by("org", 1));
  first_->calls().release("org", "a");
  EXPECT_FALSE(run(first_->calls().take("org", "c", 1)));
  EXPECT_TRUE(run(first_->calls().take("org", "c", 2)));
  EXPECT_LT(clock_.now() - begun, 1s);
  server_.thaw();
  EXPECT_TRUE(both_count(2));
  EXPECT_FALSE(run(second_->calls().take("org", "d", 2)));
}

}  // namespace
}  // namespace retell::storage
