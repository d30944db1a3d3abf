#include "engine/turn/interruption_policy.hpp"

#include <gtest/gtest.h>

namespace retell::engine::turn {
namespace {

using Decision = InterruptionPolicy::Decision;
using Over = InterruptionPolicy::Over;

constexpr TimePoint zero{std::chrono::hours(1)};
TimePoint at(int ms) { return zero + Millis(ms); }

// The first decision other than none between two times, and when it came.
std::pair<Decision, int> first(InterruptionPolicy& policy, int from, int to) {
  for (int ms = from; ms <= to; ms += 10) {
    if (const auto decision = policy.decide(at(ms)); decision != Decision::none) return {decision, ms};
  }
  return {Decision::none, to};
}

InterruptionPolicy policy_at(double sensitivity) {
  return InterruptionPolicy(ConversationSettings{.interruption_sensitivity = sensitivity});
}

TEST(InterruptionPolicy, pauses_within_a_fifth_of_a_second_and_later_when_less_sensitive) {
  int last = 0;
  for (const double sensitivity : {1.0, 0.8, 0.5, 0.2}) {
    auto policy = policy_at(sensitivity);
    policy.voice_began(at(0), Over::speech, false);
    const auto [decision, ms] = first(policy, 0, 1'000);
    EXPECT_EQ(decision, Decision::pause);
    EXPECT_GT(ms, last);
    last = ms;
    if (sensitivity == 1.0) EXPECT_LE(ms, 200);
  }
}

TEST(InterruptionPolicy, resumes_after_a_burst_without_words) {
  auto policy = policy_at(1);
  policy.voice_began(at(0), Over::speech, false);
  ASSERT_EQ(first(policy, 0, 300).first, Decision::pause);
  policy.voice_ended(at(300), at(460));
  const auto [decision, ms] = first(policy, 460, 3'000);
  EXPECT_EQ(decision, Decision::resume);
  EXPECT_LE(ms, 910);
}

TEST(InterruptionPolicy, resumes_at_once_when_the_transcriber_knows_there_was_nothing) {
  auto policy = policy_at(1);
  policy.voice_began(at(0), Over::speech, false);
  ASSERT_EQ(first(policy, 0, 300).first, Decision::pause);
  policy.voice_ended(at(300), at(460));
  policy.set_words({.content = 0, .stable = true, .settled = true});
  EXPECT_EQ(policy.decide(at(470)), Decision::resume);
}

TEST(InterruptionPolicy, interrupts_for_two_words_or_one_that_stays) {
  auto two = policy_at(1);
  two.voice_began(at(0), Over::speech, false);
  two.set_words({.content = 2, .stable = false});
  EXPECT_EQ(two.decide(at(200)), Decision::interrupt);

  auto lone = policy_at(1);
  lone.voice_began(at(0), Over::speech, false);
  lone.set_words({.content = 1, .stable = false});
  EXPECT_EQ(lone.decide(at(200)), Decision::pause);
  lone.set_words({.content = 1, .stable = true});
  EXPECT_EQ(lone.decide(at(300)), Decision::interrupt);
}

InterruptionPolicy::Words said(int content) { return {.content = content, .stable = true, .settled = true}; }
InterruptionPolicy::Words commanded(int content) {
  return {.content = content, .stable = true, .settled = true, .command = true};
}

TEST(InterruptionPolicy, resumes_after_a_short_burst_that_wants_nothing) {
  const InterruptionPolicy::Words asked{.content = 1, .stable = true, .settled = true, .asks = true};
  for (const auto& words : {said(2), commanded(1), asked}) {
    auto policy = policy_at(1);
    policy.voice_began(at(0), Over::speech, false);
    ASSERT_EQ(first(policy, 0, 300).first, Decision::pause);
    policy.voice_ended(at(400), at(560));
    policy.set_words(words);
    const bool wants = words.command || words.asks;
    EXPECT_EQ(first(policy, 560, 3'000).first, wants ? Decision::interrupt : Decision::resume);
  }
}

TEST(InterruptionPolicy, interrupts_for_plain_words_that_go_on_or_took_their_time) {
  auto going_on = policy_at(1);
  going_on.voice_began(at(0), Over::speech, false);
  going_on.set_words(said(2));
  EXPECT_EQ(going_on.decide(at(200)), Decision::interrupt);

  auto was_long = policy_at(1);
  was_long.voice_began(at(0), Over::speech, false);
  ASSERT_EQ(first(was_long, 0, 300).first, Decision::pause);
  was_long.voice_ended(at(700), at(860));
  was_long.set_words(said(2));
  EXPECT_EQ(was_long.decide(at(860)), Decision::interrupt);
}

TEST(InterruptionPolicy, resumes_when_a_short_burst_is_given_more_words_than_anyone_says_in_it) {
  for (const int words : {5, 4}) {
    auto policy = policy_at(1);
    policy.voice_began(at(0), Over::speech, false);
    ASSERT_EQ(first(policy, 0, 300).first, Decision::pause);
    policy.voice_ended(at(400), at(560));
    policy.set_words(commanded(words));
    EXPECT_EQ(first(policy, 560, 3'000).first, words == 5 ? Decision::resume : Decision::interrupt);
  }
}

TEST(WeighWords, only_short_bursts_can_have_too_many_words) {
  EXPECT_TRUE(too_fast_to_be_said(3, Millis(200)));
  EXPECT_FALSE(too_fast_to_be_said(2, Millis(200)));
  EXPECT_FALSE(too_fast_to_be_said(20, short_burst));
  EXPECT_FALSE(too_fast_to_be_said(5, Millis(0)));  // words without voice: a caller too quiet for the detector
}

TEST(InterruptionPolicy, interrupts_for_long_voice_without_words) {
  auto policy = policy_at(1);
  policy.voice_began(at(0), Over::speech, false);
  ASSERT_EQ(first(policy, 0, 300).first, Decision::pause);
  const auto [decision, ms] = first(policy, 300, 3'000);
  EXPECT_EQ(decision, Decision::interrupt);
  EXPECT_LE(ms, 1'500);
}

TEST(InterruptionPolicy, holds_nobody_longer_than_two_seconds) {
  auto policy = policy_at(0.1);  // long voice alone would take three seconds
  policy.voice_began(at(0), Over::speech, false);
  const auto [pause, paused_at] = first(policy, 0, 1'000);
  ASSERT_EQ(pause, Decision::pause);
  const auto [decision, ms] = first(policy, paused_at + 10, 6'000);
  EXPECT_EQ(decision, Decision::resume);
  EXPECT_LE(ms, paused_at + 2'010);
}

TEST(InterruptionPolicy, never_touches_guarded_speech) {
  auto policy = policy_at(1);
  policy.voice_began(at(0), Over::speech, true);
  policy.set_words({.content = 9, .stable = true, .settled = false, .command = true});
  EXPECT_EQ(first(policy, 0, 10'000).first, Decision::none);
}

TEST(InterruptionPolicy, holds_an_unheard_reply_from_the_first_moment) {
  auto policy = policy_at(0.2);
  policy.voice_began(at(0), Over::thought, false);
  EXPECT_EQ(policy.decide(at(0)), Decision::pause);
  policy.set_words({.content = 2});
  EXPECT_EQ(policy.decide(at(90)), Decision::interrupt);
}

TEST(InterruptionPolicy, announces_every_time_at_which_it_changes_its_mind) {
  for (const double sensitivity : {1.0, 0.6, 0.2}) {
    for (const bool thought : {false, true}) {
      auto stepped = policy_at(sensitivity);
      auto woken = policy_at(sensitivity);
      for (auto* policy : {&stepped, &woken}) {
        policy->voice_began(at(0), thought ? Over::thought : Over::speech, false);
      }
      std::vector<std::pair<Decision, int>> by_steps;
      std::vector<std::pair<Decision, int>> by_deadlines;
      const auto note = [](auto& list, Decision decision, TimePoint when) {
        const auto ms = std::chrono::duration_cast<Millis>(when - zero).count();
        if (decision != Decision::none) list.emplace_back(decision, static_cast<int>(ms));
      };
      for (int ms = 0; ms <= 5'000; ++ms) {
        const auto decision = stepped.decide(at(ms));
        note(by_steps, decision, at(ms));
        if (decision == Decision::interrupt) break;
      }
      TimePoint now = zero;
      while (true) {
        const auto decision = woken.decide(now);
        note(by_deadlines, decision, now);
        if (decision == Decision::interrupt) break;
        const auto next = woken.deadline(now);
        if (!next) break;
        now = *next;
      }
      EXPECT_EQ(by_steps, by_deadlines) << sensitivity << thought;
    }
  }
}

TEST(WeighWords, tells_words_from_murmurs_and_commands) {
  EXPECT_EQ(weigh_words("mm-hm", true, true, text::Language::en).content, 0);
  EXPECT_EQ(weigh_words("um, uh", true, true, text::Language::en).content, 0);
  EXPECT_EQ(weigh_words("aham, sim", true, true, text::Language::pt).content, 0);
  EXPECT_EQ(weigh_words("that is wrong", true, true, text::Language::en).content, 3);
  EXPECT_TRUE(weigh_words("Espera!", true, true, text::Language::pt).command);
  EXPECT_TRUE(weigh_words("Peraí", true, true, text::Language::pt).command);
  EXPECT_FALSE(weigh_words("nothing", true, true, text::Language::en).command);
}

TEST(WeighWords, knows_what_wants_something) {
  EXPECT_TRUE(weigh_words("Why?", true, true, text::Language::en).asks);
  EXPECT_TRUE(weigh_words("Where is it", true, true, text::Language::en).asks);
  EXPECT_TRUE(weigh_words("Quanto custa?", true, true, text::Language::pt).asks);
  EXPECT_FALSE(weigh_words("See that.", true, true, text::Language::en).asks);
  EXPECT_FALSE(weigh_words("You that?", true, true, text::Language::en).asks);
  EXPECT_TRUE(weigh_words("Sorry.", true, true, text::Language::en).asks);
  EXPECT_TRUE(weigh_words("Cancela.", true, true, text::Language::pt).asks);
  EXPECT_TRUE(weigh_words("Espera.", true, true, text::Language::pt).command);
}

}  // namespace
}  // namespace retell::engine::turn
