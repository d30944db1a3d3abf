// Whole calls whose vendors are slow, fail, or die.
#include <gmock/gmock.h>

#include "conversation.hpp"
#include "engine/call_phrases.hpp"

namespace retell::test {
namespace {

using engine::EndReason;

TEST(VendorsInCalls, a_dead_voice_is_replaced_within_the_turn) {
  Conversation c;
  c.tts.dead = true;
  c.plan.speech.fallbacks = {{"tts2", ""}};
  c.run(4s);
  EXPECT_EQ(c.lines(), "agent: Hello there.\n");
  ASSERT_EQ(c.ended->failovers.size(), 1U);
  const auto spans = c.heard_spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_TRUE(c.hears_tone(900, c.to_ms(spans[0].begin), c.to_ms(spans[0].end)));
}

TEST(VendorsInCalls, a_voice_that_breaks_off_is_followed_by_the_other_with_the_rest) {
  Conversation c;
  c.plan.dialogue.begin_message = "";
  c.plan.speech.fallbacks = {{"tts2", ""}};
  c.tts.error_after_chunks = 1;
  c.llm.answer = [](const auto&) { return Answer{"This is the first sentence. And here comes the second one."}; };
  c.at(300, [](auto& k) { k.far->say(voice(1000)); });
  c.run(8s);
  EXPECT_NE(c.lines().find("agent: This is the first sentence. And here comes the second one."), std::string::npos)
      << c.lines();
  ASSERT_FALSE(c.fallback_tts.spoken.empty());
}

TEST(VendorsInCalls, with_every_voice_dead_the_call_ends_with_the_reason) {
  Conversation c;
  c.tts.dead = true;
  c.plan.turns.watchdog = 1000ms;
  c.run(20s);
  EXPECT_EQ(c.ended->reason, EndReason::error_tts);
}

TEST(VendorsInCalls, a_transcriber_that_dies_is_replaced_and_hears_the_words_again) {
  Conversation c;
  c.stt.fail_after_voiced_ms = 500;
  c.plan.hearing.fallbacks = {{"stt2", ""}};
  c.at(900, [](auto& k) { k.far->say(voice(1500)); });
  c.run(6s);
  EXPECT_NE(c.lines().find("user: How are you today?"), std::string::npos) << c.lines();
  EXPECT_NE(c.lines().find("agent: Fine, thank you."), std::string::npos) << c.lines();
  ASSERT_EQ(c.stt.voiced_ms.size(), 2U);
  EXPECT_GT(c.stt.voiced_ms[1], 900) << "the second one hears the beginning, too";
  ASSERT_EQ(c.ended->failovers.size(), 1U);
}

TEST(VendorsInCalls, a_transcriber_without_a_fall_back_is_tried_again_until_it_is_there) {
  Conversation c;
  c.stt.fail_after_voiced_ms = 500;
  c.stt.refusals = 3;  // nothing listens for a while
  c.at(900, [](auto& k) { k.far->say(voice(1500)); });
  c.run(8s);
  EXPECT_EQ(c.ended->reason, EndReason::user_hangup);
  EXPECT_NE(c.lines().find("user: How are you today?"), std::string::npos) << c.lines();
  EXPECT_NE(c.lines().find("agent: Fine, thank you."), std::string::npos) << c.lines();
}

TEST(VendorsInCalls, a_transcriber_that_stays_away_ends_the_call_with_an_apology) {
  Conversation c;
  c.stt.fail_after_voiced_ms = 500;
  c.stt.refusals = 1000;
  c.at(900, [](auto& k) { k.far->say(voice(1500)); });
  c.run(20s);
  EXPECT_EQ(c.ended->reason, EndReason::error_stt);
  EXPECT_NE(c.lines().find("technical problem"), std::string::npos) << c.lines();
  EXPECT_EQ(c.live_agent.back(), engine::apology("en-US"));
}

TEST(VendorsInCalls, a_transcriber_that_falls_silent_is_noticed_and_replaced) {
  Conversation c;
  c.stt.fail_after_voiced_ms = 800;
  c.stt.silent_death = true;
  c.plan.hearing.fallbacks = {{"stt2", ""}};
  c.at(900, [](auto& k) { k.far->say(voice(1500)); });
  c.run(8s);
  EXPECT_GE(c.stt.streams, 2) << c.lines();
  EXPECT_NE(c.lines().find("user: How are you today?"), std::string::npos) << c.lines();
}

TEST(VendorsInCalls, voice_without_words_does_not_cost_the_transcriber) {
  Conversation c;
  c.plan.hearing.fallbacks = {{"stt2", ""}};
  c.stt.lines = {"How are you today?", "", ""};
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.at(4000, [](auto& k) { k.far->say(voice(7000)); });  // somebody sings
  c.run(14s);
  EXPECT_EQ(c.stt.streams, 1) << c.lines();
  EXPECT_TRUE(c.ended->failovers.empty());
}

TEST(VendorsInCalls, a_new_transcriber_does_not_tell_again_what_was_answered) {
  Conversation c;
  c.stt.fail_after_voiced_ms = 1300;
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.at(4000, [](auto& k) { k.far->say(voice(1200)); });
  c.run(9s);
  ASSERT_GE(c.stt.voiced_ms.size(), 2U) << c.lines();
  EXPECT_LT(c.stt.voiced_ms[1], 1300) << "only the second question is heard again";
  EXPECT_NE(c.lines().find("user: And what about tomorrow?"), std::string::npos) << c.lines();
}

TEST(VendorsInCalls, a_slow_model_is_covered_by_a_filler) {
  Conversation c;
  c.plan.turns.watchdog = 2000ms;
  c.llm.answer = [](const auto&) { return Answer{.text = "Here it is at last.", .delay = 1800ms}; };
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(8s);
  EXPECT_NE(c.lines().find("One moment"), std::string::npos) << c.lines();
  EXPECT_NE(c.lines().find("Here it is at last."), std::string::npos) << c.lines();
  EXPECT_THAT(c.live_agent, testing::ElementsAre("Hello there.", "One moment.", "One moment. Here it is at last."));
}

TEST(VendorsInCalls, a_failing_model_is_replaced) {
  Conversation c;
  c.plan.dialogue.fallbacks = {{"llm2", ""}};
  c.llm.answer = [](const auto&) { return Answer{.fails = true}; };
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(6s);
  EXPECT_NE(c.lines().find("From the second model."), std::string::npos) << c.lines();
}

TEST(VendorsInCalls, with_every_model_failing_the_agent_apologises_and_hangs_up) {
  Conversation c;
  c.llm.answer = [](const auto&) { return Answer{.fails = true}; };
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(15s);
  EXPECT_EQ(c.ended->reason, EndReason::error_llm);
  EXPECT_NE(c.lines().find("technical problem"), std::string::npos) << c.lines();
}

TEST(VendorsInCalls, a_voice_that_fails_once_is_asked_again_when_there_is_no_other) {
  Conversation c;
  c.tts.failing_streams = 1;
  c.run(4s);
  EXPECT_EQ(c.ended->reason, EndReason::user_hangup);
  EXPECT_EQ(c.lines(), "agent: Hello there.\n");
  EXPECT_TRUE(c.ended->failovers.empty());
}

TEST(VendorsInCalls, without_any_transcriber_the_agent_apologises_and_hangs_up) {
  Conversation c;
  c.plan.hearing.vendor.name = "nobody";
  c.run(12s);
  EXPECT_EQ(c.ended->reason, EndReason::error_stt);
  EXPECT_NE(c.lines().find("technical problem"), std::string::npos) << c.lines();
  EXPECT_TRUE(c.hears_tone(c.tts.tone_hz, 300, 2000));
}

}  // namespace
}  // namespace retell::test
