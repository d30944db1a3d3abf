// The parts of the core that are a page or less.
#include <gtest/gtest.h>

#include <set>

#include "engine/speech_cache.hpp"
#include "engine/turn/digit_collector.hpp"
#include "engine/turn/idle_clock.hpp"
#include "engine/turn/murmur.hpp"
#include "engine/turn/soonest.hpp"
#include "engine/turn/speculation_budget.hpp"

namespace retell::engine::turn {
namespace {

constexpr TimePoint zero{std::chrono::hours(1)};
TimePoint at(int ms) { return zero + Millis(ms); }

TEST(Soonest, knows_only_what_lies_ahead) {
  Soonest next(at(100));
  next.at(at(100));
  next.at(std::nullopt);
  EXPECT_FALSE(next.when());
  next.at(at(300));
  next.at(at(200));
  EXPECT_EQ(next.when(), at(200));
}

TEST(IdleClock, reminds_and_hangs_up) {
  IdleClock clock(
      {.reminder_trigger = Millis(5'000), .reminder_max_count = 1, .end_call_after_silence = Millis(12'000)});
  clock.idle(at(0), true);
  EXPECT_EQ(clock.deadline(at(0)), at(5'000));
  EXPECT_EQ(clock.due(at(5'000)), IdleClock::Due::reminder);
  clock.idle(at(7'000), true);  // after the reminder was said
  EXPECT_EQ(clock.due(at(11'999)), IdleClock::Due::nothing);
  EXPECT_EQ(clock.due(at(12'000)), IdleClock::Due::hang_up);
}

TEST(IdleClock, does_not_remind_before_the_agent_has_spoken) {
  IdleClock clock({.reminder_trigger = Millis(5'000), .end_call_after_silence = Millis(60'000)});
  clock.idle(at(0), false);
  EXPECT_EQ(clock.due(at(30'000)), IdleClock::Due::nothing);
}

TEST(IdleClock, begins_anew_when_the_caller_says_something) {
  IdleClock clock(
      {.reminder_trigger = Millis(5'000), .reminder_max_count = 1, .end_call_after_silence = Millis(12'000)});
  clock.idle(at(0), true);
  EXPECT_EQ(clock.due(at(5'000)), IdleClock::Due::reminder);
  clock.caller_said_something();
  clock.idle(at(9'000), true);
  EXPECT_EQ(clock.due(at(13'000)), IdleClock::Due::nothing);
  EXPECT_EQ(clock.due(at(14'000)), IdleClock::Due::reminder);
}

TEST(SpeechCache, keeps_apart_what_sounds_different_and_forgets_the_oldest) {
  const SpeechCache::Key key{
      .vendor = "a", .model = "m", .voice = "v", .language = "en-US", .sample_rate = 8000, .text = "hi"};
  auto other = key;
  std::set<std::string> keys{SpeechCache::key(key)};
  other.sample_rate = 16'000;
  keys.insert(SpeechCache::key(other));
  other = key;
  other.language = "pt-BR";
  keys.insert(SpeechCache::key(other));
  other = key;
  other.speed = 1.2;
  keys.insert(SpeechCache::key(other));
  other = key;
  other.voice = "w";
  keys.insert(SpeechCache::key(other));
  EXPECT_EQ(keys.size(), 5U);

  SpeechCache cache(100);
  for (const char* name : {"1", "2", "3", "4"}) cache.put(name, std::vector<std::int16_t>(25));
  EXPECT_NE(cache.find("1"), nullptr);  // used: "2" is the oldest now
  cache.put("5", std::vector<std::int16_t>(25));
  EXPECT_NE(cache.find("1"), nullptr);
  EXPECT_EQ(cache.find("2"), nullptr);
  cache.put("too much", std::vector<std::int16_t>(26));
  EXPECT_EQ(cache.find("too much"), nullptr);
}

TEST(DigitCollector, completes_by_key_by_length_and_by_time) {
  DigitCollector digits;
  digits.configure({.digit_limit = 3, .termination_key = '#', .timeout = Millis(1'000)});
  digits.press('#', at(0));
  EXPECT_FALSE(digits.complete(at(5'000)));
  digits.press('1', at(0));
  digits.press('#', at(10));
  EXPECT_TRUE(digits.complete(at(10)));
  EXPECT_EQ(digits.take(), "1");
  for (const char c : {'4', '5', '6'}) digits.press(c, at(20));
  EXPECT_TRUE(digits.complete(at(20)));
  digits.press('7', at(30));  // not taken yet: not mixed in
  EXPECT_EQ(digits.take(), "456");
  digits.press('8', at(100));
  digits.press('9', at(900));
  EXPECT_FALSE(digits.complete(at(1'500)));
  EXPECT_TRUE(digits.complete(at(1'900)));
  EXPECT_EQ(digits.deadline(), at(1'900));
}

TEST(SpeculationBudget, allows_three_tries_a_turn) {
  SpeculationBudget budget;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(budget.may_try());
    budget.tried();
  }
  EXPECT_FALSE(budget.may_try());
  budget.new_turn();
  EXPECT_TRUE(budget.may_try());
  budget.allow(false);
  EXPECT_FALSE(budget.may_try());
}

TEST(SpeculationBudget, gives_up_guessing_when_most_guesses_are_wrong) {
  SpeculationBudget good;
  SpeculationBudget bad;
  for (int i = 0; i < 12; ++i) {
    good.judged(i % 4 != 0);
    bad.judged(i % 4 == 0);
  }
  EXPECT_TRUE(good.may_try());
  EXPECT_FALSE(bad.may_try());
}

TEST(Murmur, keeps_quiet_unless_enabled_and_then_keeps_its_distance) {
  Murmur off{ConversationSettings{}};
  off.telling_since(at(0));
  EXPECT_FALSE(off.at_pause(at(60'000)));
  Murmur on{ConversationSettings{
      .enable_backchannel = true, .backchannel_frequency = 1.0, .backchannel_words = {"yeah", "uh-huh"}}};
  on.telling_since(at(0));
  EXPECT_FALSE(on.at_pause(at(1'000)));
  EXPECT_EQ(on.at_pause(at(3'500)), "yeah");
  EXPECT_FALSE(on.at_pause(at(4'000)));
  EXPECT_EQ(on.at_pause(at(7'000)), "uh-huh");
}

}  // namespace
}  // namespace retell::engine::turn
