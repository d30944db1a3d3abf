#include <gtest/gtest.h>

#include "providers/local/espeak_voice.hpp"
#include "providers/local/local_tts.hpp"
#include "providers/local/piper_text.hpp"
#include "providers/local/transcript_text.hpp"

namespace retell::providers::local {
namespace {

TEST(TranscriptText, drops_what_is_no_speech) {
  EXPECT_EQ(without_sound_marks(" [BLANK_AUDIO]"), "");
  EXPECT_EQ(without_sound_marks(" (upbeat music) Hello  there. *sighs*"), "Hello there.");
}

TEST(TranscriptText, ends_where_the_decoder_begins_again) {
  EXPECT_EQ(without_repetition("How much is it? How much is it? How much"), "How much is it?");
  EXPECT_EQ(without_repetition("Good morning. How can I help you? Good morning. How"),
            "Good morning. How can I help you?");
}

TEST(TranscriptText, ends_where_words_come_round_without_a_stop) {
  EXPECT_EQ(without_repetition("Tell me a long story about a dog Tell me a long story about a dog Tell me a long"),
            "Tell me a long story about a dog");
  EXPECT_EQ(without_repetition("Hello. Please call me a taxi please call me a taxi please"),
            "Hello. Please call me a taxi");
  EXPECT_EQ(without_repetition("the table is free the table is"),
            "the table is free the table is");  // three words: speech
}

TEST(TranscriptText, keeps_what_people_do_repeat) {
  for (const auto* said :
       {"No. No. No.", "Hello? Hello?", "It costs 3.50. It costs too much.", "I want it. I want two.", "Yes", "",
        "no no no no no no no no no no", "wait wait a moment wait a moment please"}) {
    EXPECT_EQ(without_repetition(said), said);
  }
}

TEST(TranscriptText, knows_the_language_of_a_tag) {
  EXPECT_EQ(language_code("pt-BR"), "pt");
  EXPECT_EQ(language_code("EN"), "en");
  EXPECT_EQ(language_code("multi"), "");
  EXPECT_EQ(espeak_language("pt-BR"), "pt-br");
  EXPECT_EQ(espeak_language("de-AT"), "de");
  EXPECT_EQ(espeak_language("multi"), "en-us");
}

TEST(WordTimes, follow_the_letters_and_fill_the_span) {
  const auto words = estimate_words("Well, é tudo certo.", 100, 1100);
  ASSERT_EQ(words.size(), 4U);
  EXPECT_EQ(words[0].text, "Well,");
  EXPECT_EQ(words[0].start_ms, 100);
  EXPECT_NEAR(words[3].end_ms, 1100, 2);
  for (std::size_t i = 1; i < words.size(); ++i) EXPECT_GE(words[i].start_ms, words[i - 1].end_ms);
  // A comma is a pause.
  EXPECT_GT(words[1].start_ms - words[0].end_ms, words[2].start_ms - words[1].end_ms);
  EXPECT_TRUE(estimate_words("  ", 0, 100).empty());
  EXPECT_TRUE(estimate_words("word", 100, 100).empty());
}

TEST(PiperText, splits_clauses_at_pauses) {
  const auto clauses = split_clauses("Good morning, it costs 3.50, right? Thank you");
  ASSERT_EQ(clauses.size(), 4U);
  EXPECT_EQ(clauses[0].text, "Good morning");
  EXPECT_EQ(clauses[0].mark, ',');
  EXPECT_EQ(clauses[1].text, " it costs 3.50");
  EXPECT_EQ(clauses[2].mark, '?');
  EXPECT_EQ(clauses[3].mark, '.');
  EXPECT_EQ(split_clauses("Yes, of course.").size(), 1U);  // a lone "Yes," stays with what follows
  EXPECT_TRUE(split_clauses(" ... ").empty());
}

TEST(PiperText, turns_phonemes_into_ids_with_pads) {
  const auto config =
      parse_piper_config(R"({"audio":{"sample_rate":16000},"espeak":{"voice":"pt-br"},"num_speakers":2,)"
                         R"("phoneme_id_map":{"_":[0],"^":[1],"$":[2],"a":[14],"ˈ":[120]}})");
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->sample_rate, 16'000);
  EXPECT_EQ(config->language, "pt-br");
  EXPECT_TRUE(config->several_speakers);
  const std::vector<std::int64_t> expected = {1, 0, 120, 0, 14, 0, 2};
  EXPECT_EQ(piper_ids(*config, "ˈaX"), expected);
}

TEST(PiperText, refuses_what_is_no_voice) {
  EXPECT_FALSE(parse_piper_config("{").has_value());
  EXPECT_FALSE(parse_piper_config("{}").has_value());
  EXPECT_FALSE(parse_piper_config(R"({"audio":{},"phoneme_id_map":{"_":[0]}})").has_value());
}

TEST(PiperText, tidies_phonemes) {
  EXPECT_EQ(tidy_phonemes(" həlˈoʊ\nðˈɛɹ\n"), "həlˈoʊ ðˈɛɹ");
  EXPECT_EQ(tidy_phonemes("a(en)b(pt)c"), "abc");
  EXPECT_EQ(tidy_phonemes("ç"), "c\u0327");
}

}  // namespace
}  // namespace retell::providers::local
