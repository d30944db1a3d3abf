#include "app/scale_in_guard.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace retell::app {
namespace {

using namespace std::chrono_literals;
using Kind = ProtectionAnswer::Kind;

const ProtectionOrder on{true, 30min};
const ProtectionOrder off{false, 0min};

// An hour of somebody who looks every second, with an agent that answers as told.
class Guarded : public ::testing::Test {
 protected:
  void pass(std::chrono::seconds time, int calls) {
    for (auto i = 0s; i < time; i += 1s) {
      clock_.advance(1s);
      const auto order = guard_.step(clock_.now(), calls);
      if (!order) continue;
      orders_.push_back(*order);
      if (guard_.answered(clock_.now(), *order, answer_)) ++told_;
    }
  }
  std::vector<ProtectionOrder> take() { return std::exchange(orders_, {}); }
  bool is_protected() { return guard_.is_protected(clock_.now()); }

  core::ManualClock clock_;
  ScaleInGuard guard_;
  ProtectionAnswer answer_;
  int told_ = 0;

 private:
  std::vector<ProtectionOrder> orders_;
};

using Orders = std::vector<ProtectionOrder>;

TEST_F(Guarded, asks_for_nothing_without_calls) {
  pass(3'600s, 0);
  EXPECT_EQ(take(), Orders{});
  EXPECT_FALSE(is_protected());
}

TEST_F(Guarded, protects_with_the_first_call_and_releases_a_minute_after_the_last) {
  pass(1s, 1);
  EXPECT_EQ(take(), Orders{on});
  EXPECT_TRUE(is_protected());
  pass(300s, 3);
  pass(58s, 0);
  EXPECT_EQ(take(), Orders{});
  pass(3s, 0);
  EXPECT_EQ(take(), Orders{off});
  EXPECT_FALSE(is_protected());
  pass(3'600s, 0);
  EXPECT_EQ(take(), Orders{}) << "once is enough";
  EXPECT_EQ(told_, 0) << "nobody needs to hear of what works";
}

TEST_F(Guarded, does_not_switch_for_each_of_many_short_calls) {
  for (int i = 0; i < 25; ++i) {
    pass(20s, 1);
    pass(40s, 0);
  }
  EXPECT_EQ(take(), (Orders{on, on})) << "the second renews";
}

TEST_F(Guarded, renews_the_lease_ten_minutes_before_it_runs_out) {
  pass(20min, 1);
  EXPECT_EQ(take(), Orders{on});
  pass(2s, 1);
  EXPECT_EQ(take(), Orders{on});
  for (int i = 0; i < 300; ++i) {
    pass(60s, 1);
    EXPECT_TRUE(is_protected()) << i << " minutes";
  }
  EXPECT_EQ(take().size(), 15U);
}

TEST_F(Guarded, tries_again_at_growing_intervals_and_says_so_once) {
  answer_ = {Kind::refused, "DEPLOYMENT_BLOCKED"};
  pass(600s, 2);
  const auto tries = take().size();
  EXPECT_GE(tries, 12U);
  EXPECT_LE(tries, 16U) << "2, 4, 8, 16, 32, 60, 60 … s";
  EXPECT_EQ(told_, 1);
  EXPECT_FALSE(is_protected());
  answer_ = {Kind::failed, "the agent answered with status 500"};
  pass(120s, 2);
  EXPECT_EQ(told_, 2) << "another cause is news";
  answer_ = {};
  pass(61s, 2);
  EXPECT_TRUE(is_protected());
  EXPECT_EQ(told_, 3) << "and that it works again";
}

TEST_F(Guarded, asks_seldom_where_it_is_hopeless) {
  answer_ = {Kind::hopeless, "TASK_NOT_VALID"};
  pass(3'600s, 1);
  EXPECT_EQ(take().size(), 6U);
  EXPECT_EQ(told_, 1);
}

TEST_F(Guarded, uses_what_is_left_of_the_lease_to_renew_it) {
  pass(20min, 1);
  answer_ = {Kind::failed, "no answer"};
  pass(9min, 1);
  EXPECT_TRUE(is_protected()) << "of the lease that there is";
  answer_ = {};
  pass(60s, 1);
  EXPECT_TRUE(is_protected());
  pass(10min, 1);
  EXPECT_TRUE(is_protected());
}

TEST_F(Guarded, knows_that_a_lease_that_was_not_renewed_is_over) {
  pass(20min, 1);
  answer_ = {Kind::failed, "no answer"};
  pass(11min, 1);
  EXPECT_FALSE(is_protected());
  EXPECT_GT(take().size(), 10U);
}

TEST_F(Guarded, releases_what_may_be_protected_though_nobody_answered) {
  answer_ = {Kind::failed, "no answer"};
  pass(1s, 1);
  answer_ = {};
  pass(61s, 0);
  EXPECT_EQ(take(), (Orders{on, off}));
}

TEST_F(Guarded, has_nothing_to_release_that_was_refused) {
  answer_ = {Kind::refused, "DEPLOYMENT_BLOCKED"};
  pass(1s, 1);
  (void)take();
  pass(3'600s, 0);
  EXPECT_EQ(take(), Orders{});
}

TEST_F(Guarded, gives_up_releasing_when_the_lease_has_run_out_by_itself) {
  pass(1s, 1);
  answer_ = {Kind::failed, "no answer"};
  pass(3'600s, 0);
  const auto orders = take();
  EXPECT_GE(orders.size(), 25U);
  EXPECT_LE(orders.size(), 36U);
  EXPECT_EQ(told_, 1);
}

TEST_F(Guarded, protects_a_new_call_at_once_while_it_waits_to_release_again) {
  pass(1s, 1);
  answer_ = {Kind::failed, "no answer"};
  pass(25min, 0);
  answer_ = {};
  (void)take();
  pass(1s, 1);
  EXPECT_EQ(take(), Orders{on}) << "the lease was past its time to renew";
}

}  // namespace
}  // namespace retell::app
