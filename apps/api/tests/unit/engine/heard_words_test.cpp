#include "engine/turn/heard_words.hpp"

#include <gtest/gtest.h>

namespace retell::engine::turn {
namespace {

class HeardWordsTest : public testing::Test {
 protected:
  void clause(ClauseId id, std::string text, int ms, bool last = true, std::size_t part = 0) {
    speech_.queue({.turn = 1, .clause = id, .text = std::move(text)}, part);
    if (ms > 0) speech_.audio({.turn = 1, .clause = id, .duration = Millis(ms), .last = last});
  }
  std::string heard(int ms, std::size_t part = 0) { return speech_.heard(part, Millis(ms)).text; }

  SpeakingRate rate_;
  HeardWords speech_{rate_};
};

TEST_F(HeardWordsTest, cuts_at_the_word_whose_greater_half_has_sounded) {
  clause(0, "um dois três seis", 2'000);
  EXPECT_EQ(heard(0), "");
  EXPECT_EQ(heard(240), "");
  EXPECT_EQ(heard(300), "um");
  EXPECT_EQ(heard(1'100), "um dois");
  EXPECT_EQ(heard(2'000), "um dois três seis");
}

TEST_F(HeardWordsTest, goes_on_over_clauses_in_order) {
  clause(0, "Hello there.", 1'000);
  clause(1, "How are you?", 1'000);
  EXPECT_EQ(heard(1'000), "Hello there.");
  EXPECT_EQ(heard(1'400), "Hello there. How");
  EXPECT_EQ(speech_.unheard(Millis(1'400)), "are you?");
}

TEST_F(HeardWordsTest, knows_no_word_of_a_clause_without_audio) {
  clause(0, "Hello there.", 0);
  EXPECT_EQ(heard(5'000), "");
  EXPECT_EQ(speech_.unheard(Millis(0)), "Hello there.");
}

TEST_F(HeardWordsTest, follows_the_voices_own_times) {
  clause(0, "one two three", 3'000);
  speech_.word_times({1, 0, {{"one", Millis(0), Millis(200)}, {"two", Millis(200), Millis(2'600)}}});
  speech_.word_times({1, 0, {{"three", Millis(2'600), Millis(3'000)}}});
  EXPECT_EQ(heard(1'000), "one");
  EXPECT_EQ(heard(1'500), "one two");
}

TEST_F(HeardWordsTest, maps_times_of_words_read_differently) {
  clause(0, "It costs $5 today", 2'000);
  speech_.word_times({1,
                      0,
                      {{"It", Millis(0), Millis(200)},
                       {"costs", Millis(200), Millis(600)},
                       {"five", Millis(600), Millis(1'000)},
                       {"dollars", Millis(1'000), Millis(1'500)},
                       {"today", Millis(1'500), Millis(2'000)}}});
  EXPECT_EQ(heard(2'000), "It costs $5 today");
  EXPECT_EQ(heard(200), "It");
  EXPECT_EQ(heard(1'200), "It costs $5");
}

TEST_F(HeardWordsTest, estimates_by_speaking_rate_while_a_clause_is_still_being_made) {
  clause(0, "one two three four five six seven eight", 1'000, false);  // about 2.5 s at the usual rate
  const auto words = speech_.heard(0, Millis(1'000)).words.size();
  EXPECT_GE(words, 2U);
  EXPECT_LE(words, 4U);
}

TEST_F(HeardWordsTest, learns_how_fast_the_voice_speaks) {
  const Millis before = rate_.estimate(20);
  for (ClauseId i = 0; i < 10; ++i) clause(i, "one two three four five six seven eight", 1'000);
  EXPECT_LT(rate_.estimate(20), before);
}

TEST_F(HeardWordsTest, keeps_the_parts_between_tools_apart) {
  clause(0, "Let me see.", 900, true, 0);
  clause(1, "We open at nine.", 1'200, true, 2);
  EXPECT_EQ(heard(2'100, 0), "Let me see.");
  EXPECT_EQ(heard(2'100, 1), "");
  EXPECT_EQ(heard(2'100, 2), "We open at nine.");
}

TEST_F(HeardWordsTest, forgets_what_will_be_announced_anew) {
  clause(0, "one two three four", 2'000);
  clause(1, "five six", 1'000);
  speech_.forget_unheard(Millis(1'000));
  EXPECT_EQ(speech_.duration(), Millis(1'000));
  EXPECT_EQ(heard(1'000), "one two");
  EXPECT_EQ(speech_.unheard(Millis(1'000)), "");
}

TEST_F(HeardWordsTest, leaves_fillers_out_of_what_must_be_said_again) {
  speech_.queue({.turn = 1, .clause = 0, .text = "One moment.", .filler = true}, 0);
  clause(1, "We open at nine.", 0);
  EXPECT_EQ(speech_.unheard(Millis(0)), "We open at nine.");
  EXPECT_FALSE(speech_.has_reply_audio());
}

TEST_F(HeardWordsTest, counts_a_number_as_what_is_said_of_it) {
  speech_.queue({.turn = 1,
                 .clause = 0,
                 .text = "It is $1.50 today",
                 .pieces = {{"It", "It"}, {"is", "is"}, {"$1.50", "one dollar and fifty cents"}, {"today", "today"}}},
                0);
  speech_.audio({.turn = 1, .clause = 0, .duration = Millis(3'000), .last = true});
  // Without word times: by syllables, of which the price has eight of twelve.
  EXPECT_EQ(heard(500), "It is");
  EXPECT_EQ(heard(1'300), "It is");
  EXPECT_EQ(heard(1'800), "It is $1.50");
  // With them: by the words as said.
  ClauseWords words{1, 0, {}};
  for (int i = 0; i < 8; ++i) words.words.push_back({"x", Millis(i * 375), Millis((i + 1) * 375)});
  speech_.word_times(words);
  EXPECT_EQ(heard(1'600), "It is");
  EXPECT_EQ(heard(1'700), "It is $1.50");
  EXPECT_EQ(heard(3'000), "It is $1.50 today");
}

TEST_F(HeardWordsTest, does_not_spread_a_clause_over_the_few_word_times_that_have_come) {
  clause(0, "one two three four five six seven eight", 900, false);
  speech_.word_times({1, 0, {{"one", Millis(0), Millis(300)}, {"two", Millis(300), Millis(600)}}});
  EXPECT_EQ(heard(600), "one two");
  EXPECT_EQ(heard(900), "one two three");
  speech_.word_times({1, 0, {{"three", Millis(600), Millis(1'000)}}});
  EXPECT_EQ(heard(700), "one two");
}

TEST_F(HeardWordsTest, knows_when_a_guarded_clause_sounds) {
  clause(0, "Hello.", 500);
  speech_.queue({.turn = 1, .clause = 1, .text = "This call is recorded.", .uninterruptible = true}, 0);
  speech_.audio({.turn = 1, .clause = 1, .duration = Millis(1'000), .last = true});
  clause(2, "How can I help?", 800);
  EXPECT_FALSE(speech_.uninterruptible_at(Millis(400)));
  EXPECT_TRUE(speech_.uninterruptible_at(Millis(600)));
  EXPECT_FALSE(speech_.uninterruptible_at(Millis(1'600)));
}

TEST_F(HeardWordsTest, counts_syllables_of_portuguese_and_digits) {
  EXPECT_EQ(count_syllables("consulta"), 3);
  EXPECT_EQ(count_syllables("não"), 1);
  EXPECT_GE(count_syllables("2024"), 6);
  EXPECT_EQ(count_syllables(""), 0);
}

}  // namespace
}  // namespace retell::engine::turn
