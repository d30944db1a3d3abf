#include "text/turn_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace retell::text {
namespace {

struct Case {
  Language language;
  const char* text;
  TurnReason reason;
};

class TurnEnd : public testing::TestWithParam<Case> {};

TEST_P(TurnEnd, is_judged_by_the_words) {
  const auto got = turn_end_likelihood(GetParam().text, GetParam().language);
  EXPECT_STREQ(to_string(got.reason), to_string(GetParam().reason)) << GetParam().text;
  EXPECT_GE(got.score, 0.0F);
  EXPECT_LE(got.score, 1.0F);
}

constexpr auto en = Language::en;
constexpr auto pt = Language::pt;
using enum TurnReason;

INSTANTIATE_TEST_SUITE_P(
    English, TurnEnd,
    testing::Values(Case{en, "", empty}, Case{en, "  ... ", empty}, Case{en, "Yes.", short_answer},
                    Case{en, "no", short_answer}, Case{en, "Yes, please!", short_answer},
                    Case{en, "I don't know", short_answer}, Case{en, "I want to book a table and", trailing_word},
                    Case{en, "I'd like to speak with the", trailing_word}, Case{en, "because", trailing_word},
                    Case{en, "I live on Main Street in uh", trailing_filler}, Case{en, "Well, um", trailing_filler},
                    Case{en, "My name is", open_phrase}, Case{en, "I need to", open_phrase},
                    Case{en, "well let me see", open_phrase}, Case{en, "On Monday,", trailing_comma},
                    Case{en, "I was thinking...", trailing_comma}, Case{en, "the thing is -", trailing_comma},
                    Case{en, "What time do you open?", question}, Case{en, "what time do you open", question},
                    Case{en, "where are you calling from", question}, Case{en, "is it on Monday", question},
                    Case{en, "that is the blue one right", tag_question}, Case{en, "No that's all thank you", closing},
                    Case{en, "I would like a refund please", closing}, Case{en, "My order never arrived.", full_stop},
                    Case{en, "my order never arrived", plain}, Case{en, "I want to go to.", trailing_word},
                    Case{en, "five five five", digits_running}, Case{en, "My number is 555 12", digits_running},
                    Case{en, "five five five one two three four five six seven", digits_complete},
                    Case{en, "415 555 2671", digits_complete}, Case{en, "42", digits_complete},
                    Case{en, "two", digits_complete}, Case{en, "90210", digits_complete},
                    Case{en, "I have two", plain}));

INSTANTIATE_TEST_SUITE_P(
    Portuguese, TurnEnd,
    testing::Values(Case{pt, "", empty}, Case{pt, "Sim.", short_answer}, Case{pt, "não", short_answer},
                    Case{pt, "Pode ser", short_answer}, Case{pt, "Isso mesmo!", short_answer},
                    Case{pt, "eu queria marcar uma consulta com o", trailing_word},
                    Case{pt, "eu moro na rua das flores e", trailing_filler}, Case{pt, "porque", trailing_word},
                    Case{pt, "é pra minha", trailing_word}, Case{pt, "meu nome é", open_phrase},
                    Case{pt, "o meu CPF é", open_phrase}, Case{pt, "eu gostaria de", open_phrase},
                    Case{pt, "deixa eu ver", open_phrase}, Case{pt, "então, hã", trailing_filler},
                    Case{pt, "na segunda-feira,", trailing_comma}, Case{pt, "eu estava pensando…", trailing_comma},
                    Case{pt, "Que horas vocês abrem?", question}, Case{pt, "que horas vocês abrem", question},
                    Case{pt, "quanto custa a consulta", question}, Case{pt, "vocês abrem amanhã né", tag_question},
                    Case{pt, "era só isso, obrigada", closing}, Case{pt, "Meu pedido não chegou.", full_stop},
                    Case{pt, "meu pedido não chegou", plain}, Case{pt, "meia nove sete", digits_running},
                    Case{pt, "um dois três quatro cinco seis sete oito nove zero um", digits_complete},
                    Case{pt, "11 98765 4321", digits_complete}, Case{pt, "dois", digits_complete}));

TEST(TurnEndScores, order_incomplete_below_plain_below_complete) {
  const auto score = [](std::string_view text, Language language) { return turn_end_likelihood(text, language).score; };
  for (const auto* text : {"my name is", "and", "on monday,", "um", "five five five"})
    EXPECT_LT(score(text, en), 0.4F) << text;
  for (const auto* text : {"yes", "what time is it?", "that's all", "I am done."})
    EXPECT_GT(score(text, en), 0.7F) << text;
  EXPECT_FLOAT_EQ(score("my order never arrived", en), 0.5F);
  EXPECT_LT(score("I want to go to", en), score("I want to go to.", en));
}

TEST(TurnEndScores, know_both_languages_when_the_agent_speaks_several) {
  EXPECT_EQ(turn_end_likelihood("sim", Language::other).reason, short_answer);
  EXPECT_EQ(turn_end_likelihood("yes", Language::other).reason, short_answer);
}

}  // namespace
}  // namespace retell::text
