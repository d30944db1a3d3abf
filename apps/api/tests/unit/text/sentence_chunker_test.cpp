#include "text/sentence_chunker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace retell::text {
namespace {

using Texts = std::vector<std::string>;

// Pieces of `size` bytes, as a model's stream would bring them; checks on the way that offsets lead back to the text.
Texts chunk(std::string_view text, Language language, std::size_t size = 1, ChunkerOptions options = {}) {
  SentenceChunker chunker(language, options);
  Texts out;
  const auto keep = [&](const std::vector<Chunk>& chunks) {
    for (const Chunk& c : chunks) {
      EXPECT_EQ(text.substr(c.begin, c.text.size()), c.text);
      out.push_back(c.text);
    }
  };
  for (std::size_t i = 0; i < text.size(); i += size) keep(chunker.push(text.substr(i, size)));
  keep(chunker.finish());
  return out;
}

struct Case {
  const char* name;
  Language language;
  std::string text;
  Texts chunks;
};

class Chunking : public testing::TestWithParam<Case> {};

TEST_P(Chunking, cuts_here_whatever_the_size_of_the_tokens) {
  for (const std::size_t size : {1U, 2U, 3U, 5U, 17U, 1000U}) {
    EXPECT_EQ(chunk(GetParam().text, GetParam().language, size), GetParam().chunks) << "tokens of " << size;
  }
}

constexpr auto en = Language::en;
constexpr auto pt = Language::pt;

INSTANTIATE_TEST_SUITE_P(
    Texts, Chunking,
    testing::Values(Case{"first_clause",
                         en,
                         "Good morning, this is Ana from the clinic. How can I help you today?",
                         {"Good morning,", "this is Ana from the clinic.", "How can I help you today?"}},
                    Case{"later_commas_stay",
                         en,
                         "Sure. I can do that, of course, if you give me your name, please.",
                         {"Sure.", "I can do that, of course, if you give me your name, please."}},
                    Case{"first_comma_too_early",
                         en,
                         "Well, let me look at that for you now.",
                         {"Well, let me look at that for you now."}},
                    Case{"short_sentences_join",
                         en,
                         "Let me check that. Okay. Yes. It is free on Monday.",
                         {"Let me check that.", "Okay. Yes. It is free on Monday."}},
                    Case{"decimals",
                         en,
                         "The value of pi is 3.14 and e is 2.718. That is all there is.",
                         {"The value of pi is 3.14 and e is 2.718.", "That is all there is."}},
                    Case{"thousands",
                         en,
                         "It costs exactly $1,234.56 in total, taxes included.",
                         {"It costs exactly $1,234.56 in total,", "taxes included."}},
                    Case{"titles",
                         en,
                         "Dr. Smith and Mrs. Jones vs. the board of St. Mary. They won the case.",
                         {"Dr. Smith and Mrs. Jones vs. the board of St. Mary.", "They won the case."}},
                    Case{"initials",
                         en,
                         "The author is J. R. R. Tolkien. He wrote a lot of books.",
                         {"The author is J. R. R. Tolkien.", "He wrote a lot of books."}},
                    Case{"the_word_I",
                         en,
                         "Nobody knows this better than I. Ask me anything you like.",
                         {"Nobody knows this better than I.", "Ask me anything you like."}},
                    Case{"latin",
                         en,
                         "Bring a document, e.g. a passport or an ID card. Then we are done.",
                         {"Bring a document,", "e.g. a passport or an ID card.", "Then we are done."}},
                    Case{"am_pm_goes_on",
                         en,
                         "We open at 9 a.m. and close at 5 p.m. on weekdays.",
                         {"We open at 9 a.m. and close at 5 p.m. on weekdays."}},
                    Case{"am_pm_ends",
                         en,
                         "We open every day at 9 a.m. You can come any time.",
                         {"We open every day at 9 a.m.", "You can come any time."}},
                    Case{"etc",
                         en,
                         "We sell shirts, shoes, etc. Anything else you need?",
                         {"We sell shirts,", "shoes, etc. Anything else you need?"}},
                    Case{"email",
                         en,
                         "Write to maria.silva@example.com.br. We answer within a day.",
                         {"Write to maria.silva@example.com.br.", "We answer within a day."}},
                    Case{"url",
                         en,
                         "See https://example.com/a?b=1&c=2.html now, please. It is all there.",
                         {"See https://example.com/a?b=1&c=2.html now,", "please. It is all there."}},
                    Case{"time",
                         en,
                         "Your slot is at 10:30 tomorrow. Does that suit you?",
                         {"Your slot is at 10:30 tomorrow.", "Does that suit you?"}},
                    Case{"number_abbreviation",
                         en,
                         "It is room no. 5 on the left. See you there soon.",
                         {"It is room no. 5 on the left.", "See you there soon."}},
                    Case{"answer_no",
                         en,
                         "I am afraid the answer is no. We are closed on Sunday.",
                         {"I am afraid the answer is no.", "We are closed on Sunday."}},
                    Case{"list_items",
                         en,
                         "Here you are:\n1. First the name\n2. Then the date of birth\n",
                         {"Here you are:", "1. First the name\n2. Then the date of birth"}},
                    Case{"quotes_close",
                         en,
                         "She said \"come in now.\" Then she left the room.",
                         {"She said \"come in now.\"", "Then she left the room."}},
                    Case{"ellipsis_pauses",
                         en,
                         "Hmm... let me see what I can find. One moment.",
                         {"Hmm... let me see what I can find.", "One moment."}},
                    Case{"ellipsis_ends",
                         en,
                         "That is a pity... We had hoped to see you.",
                         {"That is a pity...", "We had hoped to see you."}},
                    Case{"exclamations",
                         en,
                         "Great news!! Your order has shipped?! Yes, it has.",
                         {"Great news!!", "Your order has shipped?!", "Yes, it has."}},
                    Case{"dash",
                         en,
                         "Let me see here - it should be ready by noon.",
                         {"Let me see here -", "it should be ready by noon."}},
                    Case{"hyphenated_words",
                         en,
                         "It is a well-known twenty-four-hour service line.",
                         {"It is a well-known twenty-four-hour service line."}},
                    Case{"phone",
                         en,
                         "Please call us at (11) 98765-4321, thank you.",
                         {"Please call us at (11) 98765-4321, thank you."}},
                    Case{"nothing_to_say", en, "--- \n ... \n", {}},
                    Case{"markdown_link",
                         en,
                         "Open [our site, the new one](https://x.io/a) today.",
                         {"Open [our site, the new one](https://x.io/a) today."}},
                    Case{"pt_first_clause",
                         pt,
                         "Bom dia, Maria, tudo bem? Aqui é a Ana, da clínica.",
                         {"Bom dia, Maria,", "tudo bem? Aqui é a Ana, da clínica."}},
                    Case{"pt_money",
                         pt,
                         "O total fica em R$ 1.234,56 à vista. Posso confirmar o pedido?",
                         {"O total fica em R$ 1.234,56 à vista.", "Posso confirmar o pedido?"}},
                    Case{"pt_titles",
                         pt,
                         "O Dr. João e a Sra. Lima atendem na Av. Paulista. Qual prefere?",
                         {"O Dr. João e a Sra. Lima atendem na Av. Paulista.", "Qual prefere?"}},
                    Case{"pt_por_exemplo",
                         pt,
                         "Traga um documento, p. ex. a carteira de motorista. Até logo.",
                         {"Traga um documento,", "p. ex. a carteira de motorista.", "Até logo."}},
                    Case{"pt_hour",
                         pt,
                         "Temos horário às 10:30 ou às 14h30. Qual fica melhor?",
                         {"Temos horário às 10:30 ou às 14h30.", "Qual fica melhor?"}},
                    Case{"pt_month",
                         pt,
                         "A consulta é em 5 de jan. 2026 na clínica. Pode ser?",
                         {"A consulta é em 5 de jan. 2026 na clínica.", "Pode ser?"}},
                    Case{"pt_article",
                         pt,
                         "Isso está no art. 37 da lei. Quer que eu leia?",
                         {"Isso está no art. 37 da lei.", "Quer que eu leia?"}},
                    Case{"pt_initial",
                         pt,
                         "A consulta é com a Dra. Ana P. Souza, na clínica. Pode ser?",
                         {"A consulta é com a Dra. Ana P. Souza,", "na clínica. Pode ser?"}},
                    Case{"pt_accents",
                         pt,
                         "Não há vagas na terça-feira à tarde. Há às quartas, às nove.",
                         {"Não há vagas na terça-feira à tarde.", "Há às quartas, às nove."}},
                    Case{"japanese_full_stop",
                         Language::other,
                         "こんにちは。ありがとうございます。",
                         {"こんにちは。", "ありがとうございます。"}}),
    [](const auto& info) { return info.param.name; });

TEST(SentenceChunker, gives_the_first_clause_before_the_sentence_ends) {
  SentenceChunker chunker(en);
  EXPECT_TRUE(chunker.push("Good morning").empty());
  EXPECT_TRUE(chunker.push(",").empty());  // could still be a number's comma
  const auto chunks = chunker.push(" how");
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].text, "Good morning,");
}

TEST(SentenceChunker, waits_for_what_follows_a_point) {
  SentenceChunker chunker(en);
  EXPECT_TRUE(chunker.push("The price is 3.").empty());
  EXPECT_TRUE(chunker.push("5").empty());
  EXPECT_TRUE(chunker.push(" dollars.").empty());
  EXPECT_EQ(chunker.push(" And").size(), 1U);
}

TEST(SentenceChunker, cuts_a_sentence_without_end_at_its_last_comma) {
  std::string text = "Right. ";
  for (int i = 0; i < 30; ++i) text += i == 20 ? "and so on, " : "and so on ";
  const auto chunks = chunk(text, en, 7);
  ASSERT_GE(chunks.size(), 3U);
  EXPECT_TRUE(chunks[1].ends_with("and so on,")) << chunks[1];
  for (const auto& c : chunks) EXPECT_LE(c.size(), 250U);
}

TEST(SentenceChunker, cuts_the_first_piece_sooner_than_later_ones) {
  std::string text;
  for (int i = 0; i < 80; ++i) text += "palavra ";
  const auto chunks = chunk(text, pt, 5);
  ASSERT_GE(chunks.size(), 3U);
  EXPECT_LE(chunks[0].size(), 100U);
  EXPECT_GT(chunks[1].size(), 150U);
  EXPECT_LE(chunks[1].size(), 240U);
}

TEST(SentenceChunker, does_not_cut_inside_a_telephone_number_even_when_too_long) {
  const std::string text = std::string(88, 'x') + " (11) 98765-4321 is the number";
  const auto chunks = chunk(text, en, 4);
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_THAT(chunks[1], testing::HasSubstr("(11) 98765-4321"));
}

TEST(SentenceChunker, bounds_a_word_without_end) {
  const auto chunks = chunk(std::string(5000, 'x'), en, 64);
  ASSERT_GT(chunks.size(), 5U);
  for (const auto& c : chunks) EXPECT_LE(c.size(), 481U);
}

TEST(SentenceChunker, starts_afresh_after_finish_and_reset) {
  SentenceChunker chunker(en);
  (void)chunker.push("Something that nobody will hear");
  chunker.reset();
  (void)chunker.push("Hello there.");
  const auto chunks = chunker.finish();
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].text, "Hello there.");
  EXPECT_EQ(chunks[0].begin, 0U);
  (void)chunker.push("Good evening");
  EXPECT_EQ(chunker.finish().front().begin, 0U);
}

TEST(SentenceChunker, survives_bytes_that_are_not_text) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += static_cast<char>(i * 37 % 256);
  std::size_t total = 0;
  for (const auto& c : chunk(text, en, 3)) total += c.size();
  EXPECT_GT(total, 1000U);
}

}  // namespace
}  // namespace retell::text
