// What is done for a call while it rings.
#include <thread>

#include "conversation.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

// When the agent was first heard, from the moment at which the line stood.
double first_sound(const Conversation& c) {
  const auto spans = c.heard_spans();
  return spans.empty() ? 1e9 : c.to_ms(spans[0].begin);
}

TEST(ReadyCall, the_opening_of_a_slow_voice_sounds_at_once_when_it_rang_long_enough) {
  Conversation c;
  c.plan.dialogue.begin_message = "Hello there, you have reached the office. How may I help you today?";
  c.tts.first_audio = 700ms;
  c.ringing = 1100ms;
  c.run(5500ms);
  EXPECT_LT(first_sound(c), 120);
  EXPECT_EQ(c.lines(), "agent: Hello there, you have reached the office. How may I help you today?\n");
  EXPECT_EQ(c.tts.streams, 1) << "nothing is left to be asked when the call begins";
}

TEST(ReadyCall, an_opening_under_way_is_taken_over_and_not_asked_for_twice) {
  Conversation c;
  c.plan.dialogue.begin_message = "Hello there, you have reached the office. How may I help you today?";
  c.tts.first_audio = 700ms;
  c.ringing = 300ms;
  c.run(6s);
  EXPECT_GT(first_sound(c), 250);
  EXPECT_LT(first_sound(c), 600) << "the time that it had rung is not waited again";
  EXPECT_EQ(c.lines(), "agent: Hello there, you have reached the office. How may I help you today?\n");
  EXPECT_EQ(c.tts.streams, 1);
  const auto spans = c.heard_spans();
  EXPECT_NEAR(c.to_ms(spans.back().end - spans.front().begin), 67 * 40, 120);
}

TEST(ReadyCall, an_opening_taken_over_can_be_interrupted) {
  Conversation c;
  c.plan.dialogue.begin_message =
      "Good morning and welcome to the office of the nice people who answer every question at great length.";
  c.stt.lines = {"Stop, I need a doctor now please."};
  c.tts.first_audio = 400ms;
  c.ringing = 100ms;
  c.at(1500, [](auto& k) { k.far->say(voice(1500)); });
  c.run(6s);
  ASSERT_GE(c.ended->transcript.size(), 3U) << c.lines();
  EXPECT_TRUE(c.ended->transcript[0].interrupted);
  EXPECT_EQ(c.ended->transcript.back().content, "Fine, thank you.");
}

TEST(ReadyCall, a_voice_that_fails_while_it_rings_is_asked_anew_by_the_call) {
  Conversation c;
  c.tts.failing_streams = 1;
  c.ringing = 300ms;
  c.run(2s);
  EXPECT_EQ(c.lines(), "agent: Hello there.\n");
  EXPECT_TRUE(c.ended->failovers.empty());
  EXPECT_EQ(c.tts.streams, 2);
}

TEST(ReadyCall, a_voice_that_fails_in_the_opening_taken_over_is_replaced) {
  Conversation c;
  c.tts.failing_streams = 1;
  c.tts.first_audio = 500ms;
  c.ringing = 100ms;
  c.plan.speech.fallbacks = {{"tts2", ""}};
  c.run(3s);
  EXPECT_EQ(c.lines(), "agent: Hello there.\n");
  EXPECT_EQ(c.ended->failovers.size(), 1U);
}

TEST(ReadyCall, nothing_is_spoken_ahead_for_an_agent_that_lets_the_caller_begin) {
  Conversation c;
  c.plan.dialogue.start_speaker = engine::StartSpeaker::user;
  c.run(1s);
  EXPECT_EQ(c.tts.streams, 0);
}

TEST(ReadyCall, a_line_of_another_rate_than_expected_is_served_as_well) {
  Conversation c;
  c.plan.sample_rate = 16'000;
  c.at(900, [](auto& k) { k.far->say(voice(1200)); });
  c.run(4s);
  EXPECT_EQ(c.lines(), "agent: Hello there.\nuser: How are you today?\nagent: Fine, thank you.\n");
}

TEST(SpeechCache, only_one_makes_what_is_missing) {
  engine::SpeechCache cache;
  auto first = cache.make("greeting");
  EXPECT_TRUE(first);
  EXPECT_FALSE(cache.make("greeting"));
  EXPECT_TRUE(cache.make("another"));
  first.reset();
  EXPECT_TRUE(cache.make("greeting"));
}

TEST(SpeechCache, gives_back_what_is_too_long_to_be_kept) {
  engine::SpeechCache cache(1'000);
  EXPECT_EQ(cache.put("long", std::vector<std::int16_t>(900))->size(), 900U);
  EXPECT_FALSE(cache.find("long"));
}

TEST(SpeechCache, is_shared_by_the_workers) {
  engine::SpeechCache cache(10'000);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2'000; ++i) {
        const auto key = std::to_string((i * 7 + t) % 20);
        const auto making = cache.make(key);
        if (const auto found = cache.find(key)) {
          EXPECT_EQ(found->size(), 100U);
        } else if (making) {
          cache.put(key, std::vector<std::int16_t>(100));
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  int kept = 0;
  for (int i = 0; i < 20; ++i) kept += cache.find(std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(kept, 20);
}

}  // namespace
}  // namespace retell::test
