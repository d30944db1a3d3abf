#include "text/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/utf8.hpp"

namespace retell::text {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(std::string_view text) {
  std::vector<std::string> out;
  for (const Word& w : split_words(text)) {
    EXPECT_EQ(text.substr(w.begin, w.end - w.begin), w.text);
    out.emplace_back(w.text);
  }
  return out;
}

TEST(Words, keep_apostrophes_hyphens_and_numbers_together) {
  EXPECT_THAT(texts("Don't say \"mm-hm\", it's 3.14 at 10:30!"),
              ElementsAre("Don't", "say", "mm-hm", "it's", "3.14", "at", "10:30"));
  EXPECT_THAT(texts("Não, terça-feira às 9h - sim."), ElementsAre("Não", "terça-feira", "às", "9h", "sim"));
  EXPECT_THAT(texts("  ...  "), ElementsAre());
  EXPECT_THAT(texts("end."), ElementsAre("end"));
}

TEST(Words, fold_for_comparison) {
  EXPECT_THAT(folded_words("Já É TERÇA, d’água"), ElementsAre("ja", "e", "terca", "dagua"));
}

TEST(Fillers, are_told_from_words) {
  EXPECT_TRUE(is_filler("Um", Language::en));
  EXPECT_TRUE(is_filler("uhm...", Language::en));
  EXPECT_TRUE(is_filler("hã", Language::pt));
  EXPECT_FALSE(is_filler("um", Language::pt));  // the article
  EXPECT_FALSE(is_filler("yes", Language::en));
  EXPECT_FALSE(is_filler("um yes", Language::en));
}

struct BackChannelCase {
  Language language;
  const char* text;
  bool expected;
};
class BackChannel : public testing::TestWithParam<BackChannelCase> {};
TEST_P(BackChannel, is_told_from_speech) {
  EXPECT_EQ(is_back_channel(GetParam().text, GetParam().language), GetParam().expected) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    English, BackChannel,
    testing::Values(BackChannelCase{Language::en, "Mm-hm.", true}, BackChannelCase{Language::en, "uh-huh", true},
                    BackChannelCase{Language::en, "Yeah, yeah.", true},
                    BackChannelCase{Language::en, "okay I see", true}, BackChannelCase{Language::en, "I see it.", true},
                    BackChannelCase{Language::en, "I see it on the bill", false},
                    BackChannelCase{Language::en, "Got it, right", true}, BackChannelCase{Language::en, "no", false},
                    BackChannelCase{Language::en, "wait", false}, BackChannelCase{Language::en, "stop", false},
                    BackChannelCase{Language::en, "yes but when", false}, BackChannelCase{Language::en, "", false},
                    BackChannelCase{Language::en, "Yeah Okay. Right. I see.", true},
                    BackChannelCase{Language::en, "ok ok ok ok ok ok ok ok ok", false},
                    BackChannelCase{Language::en, "M-H-M-H-M-H-", true}, BackChannelCase{Language::en, "Hmm.", true},
                    BackChannelCase{Language::en, "Mm m m m. Mm.", true}, BackChannelCase{Language::en, "M", false},
                    BackChannelCase{Language::en, "mom", false}, BackChannelCase{Language::en, "aham", false}));
INSTANTIATE_TEST_SUITE_P(Portuguese, BackChannel,
                         testing::Values(BackChannelCase{Language::pt, "Aham.", true},
                                         BackChannelCase{Language::pt, "sim, sim", true},
                                         BackChannelCase{Language::pt, "Tá bom", true},
                                         BackChannelCase{Language::pt, "entendi, certo", true},
                                         BackChannelCase{Language::pt, "Pois é...", true},
                                         BackChannelCase{Language::pt, "não", false},
                                         BackChannelCase{Language::pt, "espera aí", false},
                                         BackChannelCase{Language::pt, "sim mas quando", false},
                                         BackChannelCase{Language::pt, "para", false}));
INSTANTIATE_TEST_SUITE_P(Both, BackChannel,
                         testing::Values(BackChannelCase{Language::other, "uh-huh", true},
                                         BackChannelCase{Language::other, "aham", true},
                                         BackChannelCase{Language::other, "bonjour", false}));

TEST(BackChannels, that_we_murmur_are_back_channels) {
  for (const auto language : {Language::en, Language::pt, Language::other}) {
    for (const auto& word : default_back_channels(language)) EXPECT_TRUE(is_back_channel(word, language)) << word;
  }
}

TEST(WordErrorRate, tells_the_three_kinds_of_error_apart) {
  const auto same = word_errors("What is the status of my order?", "what is the status of my order");
  EXPECT_EQ(same.total(), 0U);
  EXPECT_EQ(same.words, 7U);

  const auto mixed =
      word_errors("i would like to speak with a real person", "i would to speak with the real person now");
  EXPECT_EQ(mixed.deletions, 1U);
  EXPECT_EQ(mixed.substitutions, 1U);
  EXPECT_EQ(mixed.insertions, 1U);
  EXPECT_NEAR(mixed.rate(), 3.0 / 9.0, 1e-9);

  EXPECT_EQ(word_errors("", "").rate(), 0.0);
  EXPECT_EQ(word_errors("", "noise").rate(), 1.0);
  EXPECT_EQ(word_errors("a b", "").rate(), 1.0);
}

TEST(WordErrorRate, adds_up_over_utterances) {
  auto sum = word_errors("one two", "one");
  sum += word_errors("three four", "three four");
  EXPECT_DOUBLE_EQ(sum.rate(), 0.25);
}

TEST(Similarity, is_symmetric_and_bounded) {
  EXPECT_DOUBLE_EQ(similarity("Olá, tudo bem?", "ola tudo bem"), 1.0);
  EXPECT_DOUBLE_EQ(similarity("a b c d", "a b"), similarity("a b", "a b c d"));
  EXPECT_DOUBLE_EQ(similarity("yes", "no"), 0.0);
  EXPECT_DOUBLE_EQ(similarity("", ""), 1.0);
  EXPECT_DOUBLE_EQ(similarity("", "x"), 0.0);
}

TEST(Utf8, truncates_between_characters) {
  EXPECT_EQ(truncate_utf8("ação", 2), "a");
  EXPECT_EQ(truncate_utf8("ação", 3), "aç");
  EXPECT_EQ(truncate_utf8("ação", 99), "ação");
  EXPECT_EQ(truncate_utf8("😀", 3), "");
  EXPECT_EQ(utf8_length("ação😀"), 5U);
}

TEST(Utf8, takes_broken_bytes_one_at_a_time) {
  const std::string_view broken = "a\xC3(\xFF\xE2\x82";
  EXPECT_EQ(utf8_length(broken), 6U);
  EXPECT_EQ(code_point_at(broken, 1).value, U'\xFFFD');
  EXPECT_EQ(code_point_at("\xC0\x80", 0).length, 1U);      // overlong
  EXPECT_EQ(code_point_at("\xED\xA0\x80", 0).length, 1U);  // surrogate
  EXPECT_EQ(code_point_before("aç", 3).value, U'ç');
  EXPECT_EQ(code_point_before("a", 0).length, 0U);
}

TEST(Utf8, folds_case_and_accents) {
  EXPECT_EQ(lower("ÀÉÎÕÜÇ Ł"), "àéîõüç ł");
  EXPECT_EQ(fold("ÀÉÎÕÜÇ ñ"), "aeiouc n");
  EXPECT_EQ(trim(" \t\xC2\xA0 x y \n"), "x y");
  EXPECT_TRUE(is_upper(U'Ã'));
  EXPECT_TRUE(is_lower(U'ã'));
  EXPECT_FALSE(is_letter(U'😀'));
  EXPECT_FALSE(is_letter(U'º'));
}

}  // namespace
}  // namespace retell::text
