#include "app/vendors.hpp"

#include <gmock/gmock.h>

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

#ifdef RETELL_LOCAL_MODELS
TEST(LocalModels, are_those_that_the_configured_stages_need) {
  config::Config config;
  EXPECT_THAT(local_models(config), testing::ElementsAre("whisper-tiny.en", "whisper-base", "smollm2-135m-instruct",
                                                         "piper-en_US-joe-medium"));
  config.models.stt = "small";
  config.models.llm = "qwen2.5-1.5b-instruct";
  config.providers.tts = "elevenlabs";
  config.providers.end_of_turn = "smart_turn";
  EXPECT_THAT(local_models(config), testing::ElementsAre("whisper-small", "qwen2.5-1.5b-instruct", "smart-turn-v3.2"));
  config.providers = {};
  config.providers.stt = "deepgram";
  config.providers.tts = "openai";
  config.providers.llm = "openai:gpt-4.1";
  EXPECT_THAT(local_models(config), testing::IsEmpty());
  config.providers.llm_models = {{"gpt-5", "local"}};
  EXPECT_THAT(local_models(config), testing::ElementsAre("qwen2.5-1.5b-instruct"));
}
#endif

}  // namespace
}  // namespace retell::app
