#include "engine/turn/caller_turn.hpp"

#include <gtest/gtest.h>

namespace retell::engine::turn {
namespace {

using Change = CallerTurn::Change;

class CallerTurnTest : public testing::Test {
 protected:
  core::TimePoint later(int ms) { return now_ += core::Millis(ms); }
  Change partial(UtteranceId id, std::string_view text) { return turn_.partial(id, text, later(400)); }
  Change final(UtteranceId id, std::string_view text, bool new_voice = true) {
    return turn_.final(id, text, {}, new_voice, later(400));
  }

  CallerTurn turn_;
  core::TimePoint now_{std::chrono::hours(1)};
};

TEST_F(CallerTurnTest, joins_utterances_of_a_turn) {
  EXPECT_EQ(partial(1, "I want"), Change::words);
  EXPECT_EQ(final(1, "I want"), Change::words);
  EXPECT_EQ(partial(2, "a table"), Change::words);
  EXPECT_EQ(turn_.text(), "I want a table");
  EXPECT_TRUE(turn_.has_open_partial());
  final(2, "a table.");
  EXPECT_FALSE(turn_.has_open_partial());
}

TEST_F(CallerTurnTest, does_not_take_case_or_punctuation_for_news) {
  partial(1, "what time");
  EXPECT_EQ(partial(1, "What time?"), Change::none);
  EXPECT_EQ(turn_.text(), "What time?");
}

TEST_F(CallerTurnTest, never_lets_an_empty_partial_erase) {
  partial(1, "hello");
  EXPECT_EQ(partial(1, ""), Change::none);
  EXPECT_EQ(turn_.text(), "hello");
}

TEST_F(CallerTurnTest, lets_an_empty_final_take_back_only_a_lone_partial) {
  partial(1, "uh");
  EXPECT_EQ(final(1, ""), Change::words);
  EXPECT_TRUE(turn_.empty());
  partial(2, "yes");
  partial(2, "yes please");
  final(2, "");
  EXPECT_EQ(turn_.text(), "yes please");
}

TEST_F(CallerTurnTest, counts_stale_partials_and_repeated_finals) {
  final(1, "hello");
  EXPECT_EQ(partial(1, "hell"), Change::none);
  EXPECT_EQ(final(1, "hello"), Change::none);
  turn_.take();
  EXPECT_EQ(partial(1, "hello"), Change::none);
  EXPECT_EQ(turn_.dropped(), 3U);
  EXPECT_TRUE(turn_.empty());
}

TEST_F(CallerTurnTest, knows_a_final_that_comes_again_under_a_new_number) {
  final(1, "hello there");
  EXPECT_EQ(turn_.final(2, "Hello there.", {}, true, now_ + core::Millis(100)), Change::none);
  EXPECT_EQ(turn_.final(3, "hello there", {}, true, now_ + core::Millis(2'000)), Change::words);
}

TEST_F(CallerTurnTest, corrects_the_turn_taken_when_its_final_is_late) {
  partial(1, "a table for Boston");
  turn_.take();
  EXPECT_EQ(final(1, "a table for Austin", false), Change::answered);
  EXPECT_EQ(turn_.answered_text(), "a table for Austin");
  EXPECT_TRUE(turn_.empty());
}

TEST_F(CallerTurnTest, does_not_report_a_late_final_that_says_the_same) {
  partial(1, "what time do you open");
  turn_.take();
  EXPECT_EQ(final(1, "What time do you open?", false), Change::none);
}

TEST_F(CallerTurnTest, keeps_only_what_goes_beyond_an_utterance_already_taken) {
  partial(1, "I want a table");
  turn_.take();
  EXPECT_EQ(partial(1, "I want a table"), Change::none);
  EXPECT_EQ(partial(1, "I want a table for two"), Change::words);
  EXPECT_EQ(turn_.text(), "for two");
  turn_.take();
  partial(1, "I want a table for two at eight");
  EXPECT_EQ(final(1, "I want a table for two at eight please"), Change::words);
  EXPECT_EQ(turn_.text(), "at eight please");
}

TEST_F(CallerTurnTest, opens_the_taken_turn_again_before_the_newer_words) {
  final(1, "I want a table");
  turn_.take();
  partial(2, "for two");
  turn_.reopen();
  EXPECT_EQ(turn_.text(), "I want a table for two");
}

TEST_F(CallerTurnTest, leaves_asides_out_when_the_turn_is_opened_again) {
  final(1, "I want a table");
  turn_.take();
  final(2, "mm-hm");
  turn_.set_aside();
  EXPECT_TRUE(turn_.empty());
  partial(3, "for two");
  turn_.reopen();
  EXPECT_EQ(turn_.text(), "I want a table for two");
}

TEST_F(CallerTurnTest, hears_what_follows_an_aside_in_the_same_utterance) {
  partial(1, "mm-hm");
  turn_.set_aside();
  EXPECT_EQ(partial(1, "mm-hm but wait"), Change::words);
  EXPECT_EQ(turn_.text(), "but wait");
}

TEST_F(CallerTurnTest, is_stable_from_the_second_reading_on) {
  partial(1, "actually");
  EXPECT_FALSE(turn_.is_stable());
  partial(1, "actually no");
  EXPECT_TRUE(turn_.is_stable());
}

}  // namespace
}  // namespace retell::engine::turn
