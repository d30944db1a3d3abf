#include "app/vendors.hpp"

#include <gtest/gtest.h>

namespace retell::app {
namespace {

TEST(MostLocalCalls, is_bounded_by_the_machine_where_calls_depend_on_its_own_engines) {
  config::Config config;
  const auto most = most_local_calls(config);
  ASSERT_TRUE(most.has_value());
  EXPECT_GE(*most, 1);
  EXPECT_LT(*most, config.limits.max_concurrent_calls);
  config.models.max_calls = 7;
  EXPECT_EQ(most_local_calls(config), 7);
}

TEST(MostLocalCalls, is_not_bounded_when_others_do_the_work_or_stand_behind_the_engines) {
  config::Config config;
  config.providers.stt = "deepgram";
  config.providers.tts = "elevenlabs";
  config.providers.llm = "openai";
  EXPECT_FALSE(most_local_calls(config).has_value());
  config.providers.stt = "local";
  EXPECT_TRUE(most_local_calls(config).has_value());
  config.providers.stt_fallbacks = {"deepgram"};
  EXPECT_FALSE(most_local_calls(config).has_value());
}

}  // namespace
}  // namespace retell::app
