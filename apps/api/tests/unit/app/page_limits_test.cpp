#include "app/page_limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace retell::app {
namespace {

using namespace std::chrono_literals;

class Limits : public ::testing::Test {
 protected:
  // Where there is room for every call, and where there is not.
  std::optional<std::chrono::seconds> ask(const std::string& address) {
    return roomy.too_early_by(clock.now(), address);
  }
  std::optional<std::chrono::seconds> ask_for_room(const std::string& address) {
    return limits.too_early_by(clock.now(), address);
  }
  void call(const std::string& id) { limits.made(clock.now(), id); }

  core::ManualClock clock;
  PageLimits limits{{.is_public = true, .calls_per_hour = 6, .max_calls = 3, .longest = 300s}};
  PageLimits roomy{{.is_public = true, .calls_per_hour = 6, .max_calls = 1'000'000, .longest = 300s}};
};

TEST_F(Limits, let_six_calls_an_hour_through_and_then_one_every_ten_minutes) {
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(ask("192.0.2.1")) << i;
  EXPECT_EQ(ask("192.0.2.1"), 600s);
  EXPECT_FALSE(ask("192.0.2.2")) << "another address";
  clock.advance(599s);
  EXPECT_EQ(ask("192.0.2.1"), 1s) << "asking too early costs nothing";
  clock.advance(1s);
  EXPECT_FALSE(ask("192.0.2.1"));
  EXPECT_EQ(ask("192.0.2.1"), 600s);
  clock.advance(3'600s);
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(ask("192.0.2.1")) << i;
  EXPECT_TRUE(ask("192.0.2.1"));
}

TEST_F(Limits, take_a_household_of_ipv6_for_one_address) {
  for (int i = 1; i <= 6; ++i) EXPECT_FALSE(ask("2001:db8:1:2::" + std::to_string(i)));
  EXPECT_TRUE(ask("2001:db8:1:2::7"));
  EXPECT_FALSE(ask("2001:db8:1:3::7"));
}

TEST_F(Limits, hold_so_many_calls_at_a_time_whoever_calls) {
  for (const auto* id : {"call_1", "call_2", "call_3"}) {
    EXPECT_FALSE(ask_for_room(std::string("address of ") + id));
    call(id);
  }
  EXPECT_EQ(ask_for_room("another"), 10s);
  clock.advance(200s);
  EXPECT_TRUE(ask_for_room("another"));
  limits.ended("call_2");
  EXPECT_FALSE(ask_for_room("another"));
  EXPECT_TRUE(ask_for_room("a fourth")) << "at the same moment";
  clock.advance(11s);
  EXPECT_FALSE(ask_for_room("a fourth")) << "the other call was not made";
}

TEST_F(Limits, forget_calls_whose_end_nobody_told_and_name_them_before) {
  for (const auto* id : {"call_1", "call_2", "call_3"}) call(id);
  EXPECT_EQ(limits.to_look_up(clock.now()).size(), 3U);
  EXPECT_TRUE(limits.to_look_up(clock.now()).empty()) << "once a second is enough";
  limits.ended("call_1");
  clock.advance(1s);
  EXPECT_EQ(limits.to_look_up(clock.now()).size(), 2U);
  call("call_4");
  clock.advance(360s);
  EXPECT_TRUE(ask_for_room("another"));
  clock.advance(11s);
  EXPECT_FALSE(ask_for_room("another")) << "none can last that long";
}

TEST_F(Limits, do_not_grow_without_end) {
  for (std::size_t i = 0; i < PageLimits::most_addresses; ++i) {
    ASSERT_FALSE(ask("address " + std::to_string(i)));
  }
  EXPECT_TRUE(ask("one more"));
  EXPECT_FALSE(ask("address 5")) << "those that are known go on";
  clock.advance(1'300s);
  EXPECT_FALSE(ask("one more")) << "what is over is forgotten";
}

TEST_F(Limits, may_leave_addresses_alone) {
  PageLimits free({.is_public = true, .calls_per_hour = 0, .max_calls = 1'000, .longest = 300s});
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(free.too_early_by(clock.now(), "192.0.2.1"));
}

TEST(StrangersCalls, are_short_whatever_the_agent_allows) {
  domain::AgentSettings agent;
  EXPECT_EQ(longest_call(agent, 300s), 300'000);
  agent.max_call_duration_ms = 3'600'000;
  EXPECT_EQ(longest_call(agent, 300s), 300'000);
  agent.max_call_duration_ms = 120'000;
  EXPECT_EQ(longest_call(agent, 300s), 120'000);
}

}  // namespace
}  // namespace retell::app
