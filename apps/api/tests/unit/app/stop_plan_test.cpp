#include "app/stop_plan.hpp"

#include <gtest/gtest.h>

namespace retell::app {
namespace {

using namespace std::chrono_literals;

TEST(StopPlan, fits_into_the_time_that_there_is) {
  const auto fargate = stop_plan(300s, 120s);
  EXPECT_EQ(fargate.calls_until, 85s);
  EXPECT_EQ(fargate.uploads_until, 112s);
  for (const auto all : {10s, 30s, 60s, 120s, 3'600s}) {
    for (const auto drain : {0s, 30s, 300s}) {
      const auto plan = stop_plan(drain, all);
      EXPECT_GE(plan.calls_until, 0s);
      EXPECT_LE(plan.calls_until, drain);
      EXPECT_LE(plan.uploads_until, all - 8s) << "the rest is for ending";
      // A goodbye of 15 s, and some time for the recording of it.
      if (plan.calls_until > 0s) EXPECT_GE(plan.uploads_until - plan.calls_until, 27s);
    }
  }
}

TEST(StopPlan, without_a_limit_gives_calls_their_time_and_the_bucket_a_minute) {
  const auto plan = stop_plan(300s, 0s);
  EXPECT_EQ(plan.calls_until, 300s);
  EXPECT_EQ(plan.uploads_until, 375s);
}

}  // namespace
}  // namespace retell::app
