#include "app/expected_calls.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace retell::app {
namespace {

using namespace std::chrono_literals;

class ExpectedCallsTest : public testing::Test {
 protected:
  bool add(const std::string& token, const std::string& call_id, std::chrono::seconds deadline = 30s) {
    ExpectedCall call;
    call.plan.call_id = call_id;
    return calls.add(token, {std::move(call), core::TimePoint(deadline), Berth(workers.at(0))});
  }
  std::vector<std::string> late(std::chrono::seconds now) {
    std::vector<std::string> tokens;
    while (auto taken = calls.take_late(core::TimePoint(now))) tokens.push_back(std::move(taken->token));
    return tokens;
  }
  [[nodiscard]] int load() { return workers.at(0).load; }

  core::WorkerPool workers{1};
  ExpectedCalls calls;
};

TEST_F(ExpectedCallsTest, a_call_is_found_by_its_token_and_taken_once) {
  EXPECT_TRUE(add("token_1", "call_1"));
  ASSERT_NE(calls.find("token_1"), nullptr);
  EXPECT_EQ(calls.find("token_1")->call.plan.call_id, "call_1");
  EXPECT_EQ(calls.find("token_2"), nullptr);
  EXPECT_EQ(load(), 1);

  auto taken = calls.take("token_1");
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->token, "token_1");
  EXPECT_EQ(taken->pending.call.plan.call_id, "call_1");
  EXPECT_FALSE(calls.take("token_1").has_value());
  EXPECT_FALSE(calls.take_call("call_1").has_value());
  EXPECT_TRUE(late(60s).empty());
  EXPECT_EQ(calls.size(), 0U);
  EXPECT_EQ(load(), 1) << "until the one who took it lets it go";
  taken.reset();
  EXPECT_EQ(load(), 0);
}

TEST_F(ExpectedCallsTest, a_token_is_given_to_one_call_only) {
  EXPECT_TRUE(add("token_1", "call_1"));
  EXPECT_FALSE(add("token_1", "call_2"));
  EXPECT_EQ(load(), 1) << "the second one holds no place";
  EXPECT_FALSE(calls.take_call("call_2").has_value());
  EXPECT_TRUE(calls.take_call("call_1").has_value());
}

TEST_F(ExpectedCallsTest, a_call_with_two_tokens_is_taken_back_with_both) {
  add("token_1", "call_1");
  add("token_2", "call_2");
  add("token_3", "call_1");
  int taken = 0;
  while (calls.take_call("call_1")) ++taken;
  EXPECT_EQ(taken, 2);
  EXPECT_EQ(calls.size(), 1U);
  EXPECT_NE(calls.find("token_2"), nullptr);
}

TEST_F(ExpectedCallsTest, those_that_are_late_come_in_the_order_of_their_deadlines) {
  add("token_a", "call_1", 30s);
  add("token_b", "call_2", 10s);
  add("token_c", "call_3", 20s);
  add("token_d", "call_4", 10s);
  EXPECT_TRUE(late(10s).empty()) << "at its deadline a call may still come";
  EXPECT_EQ(late(25s), (std::vector<std::string>{"token_b", "token_d", "token_c"}));
  EXPECT_EQ(calls.size(), 1U);
  EXPECT_EQ(late(31s), (std::vector<std::string>{"token_a"}));
}

}  // namespace
}  // namespace retell::app
