#include "text/speech_normaliser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace retell::text {
namespace {

const SpeechNormaliser& normaliser(Language language) {
  static const SpeechNormaliser english(Language::en);
  static const SpeechNormaliser portuguese(Language::pt);
  static const SpeechNormaliser other(Language::other);
  return language == Language::en ? english : language == Language::pt ? portuguese : other;
}

std::string say(Language language, std::string_view text) {
  const SpokenText spoken = normaliser(language)(text);
  std::size_t last = 0;
  for (const SpokenWord& word : spoken.words()) {
    EXPECT_LT(word.begin, word.end) << word.text;
    EXPECT_LE(word.end, text.size());
    EXPECT_GE(word.begin, last) << word.text;  // in the original's order
    last = word.begin;
    EXPECT_EQ(word.text.find(' '), std::string::npos);
  }
  std::string said;  // the pieces together say all of it
  for (const SpokenPiece& piece : spoken.pieces(text)) {
    EXPECT_FALSE(piece.text.empty());
    EXPECT_FALSE(piece.said.empty()) << piece.text;
    said += (said.empty() ? "" : " ") + piece.said;
  }
  EXPECT_EQ(said, spoken.text());
  return spoken.text();
}

struct Case {
  const char* text;
  const char* spoken;
};

class English : public testing::TestWithParam<Case> {};
TEST_P(English, is_said_as_people_say_it) { EXPECT_EQ(say(Language::en, GetParam().text), GetParam().spoken); }

INSTANTIATE_TEST_SUITE_P(
    Numbers, English,
    testing::Values(Case{"You have 3 messages.", "You have three messages."},
                    Case{"Pi is 3.14159, roughly.", "Pi is three point one four one five nine, roughly."},
                    Case{"About 1,234,567 people",
                         "About one million two hundred thirty-four thousand five hundred sixty-seven people"},
                    Case{"It is -5 outside", "It is minus five outside"},
                    Case{"the 21st and the 3rd", "the twenty-first and the third"},
                    Case{"In 1999 or 2026?", "In nineteen ninety-nine or twenty twenty-six?"},
                    Case{"Order 0042 now", "Order zero zero four two now"},
                    Case{"code 12345678", "code one two three four five six seven eight"},
                    Case{"version 2.0.1", "version two point zero point one"}, Case{"from 9-5", "from nine to five"},
                    Case{"COVID-19 and 5G, A4", "COVID nineteen and five G, A four"},
                    Case{"open 24/7", "open twenty-four seven"}, Case{"add 1/2 cup", "add one half cup"},
                    Case{"room #12", "room number twelve"}));
INSTANTIATE_TEST_SUITE_P(
    Money, English,
    testing::Values(Case{"It is $1,234.56.", "It is one thousand two hundred thirty-four dollars and fifty-six cents."},
                    Case{"$1", "one dollar"}, Case{"$0.50", "fifty cents"},
                    Case{"$5.5 million", "five point five million dollars"},
                    Case{"€20 or £1.01", "twenty euros or one pound and one penny"},
                    Case{"US$100", "one hundred dollars"}, Case{"$2.4B total", "two point four billion dollars total"},
                    Case{"up 12.5%", "up twelve point five percent"}, Case{"$3k", "three thousand dollars"},
                    Case{"$10/month (plus tax).", "ten dollars per month, plus tax."}));
INSTANTIATE_TEST_SUITE_P(Times, English,
                         testing::Values(Case{"At 10:30 am", "At ten thirty a m"}, Case{"at 9:05", "at nine oh five"},
                                         Case{"at 3:00", "at three o'clock"},
                                         Case{"from 9am to 5 p.m.", "from nine a m to five p m"},
                                         Case{"14:30", "fourteen thirty"},
                                         Case{"Mon-Fri 9am-5pm", "Monday to Friday nine a m to five p m"},
                                         Case{"5h 30m", "five hours thirty minutes"},
                                         Case{"on 2026-03-05", "on March fifth, twenty twenty-six"},
                                         Case{"03/05/2026", "March fifth, twenty twenty-six"},
                                         Case{"March 5, 2026.", "March fifth, twenty twenty-six."},
                                         Case{"on July 4th at noon", "on July fourth at noon"},
                                         Case{"May I help 2 people", "May I help two people"},
                                         Case{"1990-1995", "nineteen ninety to nineteen ninety-five"}));
INSTANTIATE_TEST_SUITE_P(
    Addresses, English,
    testing::Values(Case{"Mail maria.silva@example.com.", "Mail maria dot silva at example dot com."},
                    Case{"john_doe99@x.io", "john underscore doe nine nine at x dot io"},
                    Case{"See https://www.example.com/help/a-b.", "See example dot com slash help slash a dash b."},
                    Case{"at example.com, ok", "at example dot com, ok"},
                    Case{"Call (415) 555-2671", "Call four one five, five five five, two six seven one"},
                    Case{"Call +1 415 555 2671!", "Call plus one, four one five, five five five, two six seven one!"},
                    Case{"555-1234", "five five five, one two three four"}));
INSTANTIATE_TEST_SUITE_P(
    Words, English,
    testing::Values(Case{"Dr. Smith vs. Mrs. Jones, etc.", "Doctor Smith versus Missus Jones, et cetera."},
                    Case{"Bring ID, e.g. a passport", "Bring ID, for example a passport"},
                    Case{"5 km, 1 kg & 20 °C", "five kilometers, one kilogram and twenty degrees Celsius"},
                    Case{"60 mph", "sixty miles per hour"}, Case{"20 min. at most", "twenty minutes at most"},
                    Case{"-2 °C", "minus two degrees Celsius"},
                    Case{"press # or *67", "press pound or star sixty-seven"},
                    Case{"15-20 mph, 2x", "fifteen to twenty miles per hour, two times"},
                    Case{"order ORD-20413", "order ORD two zero four one three"},
                    Case{"1) a refund; 2) credit", "one, a refund; two, credit"},
                    Case{"on Baker St., near St. Mary, Apt. 4", "on Baker Street, near Saint Mary, Apartment four"},
                    Case{"It's John's - really", "It's John's, really"}, Case{"Well... ok?!", "Well. ok?"},
                    Case{"a — b", "a, b"}));
INSTANTIATE_TEST_SUITE_P(Markdown, English,
                         testing::Values(Case{"**Bold** and _it_ `code`", "Bold and it code"},
                                         Case{"# Title\nText here", "Title. Text here"},
                                         Case{"- one\n- two\n", "one. two"}, Case{"Great! 😀👍🏽 Bye", "Great! Bye"},
                                         Case{"[our site](https://x.io/a) today", "our site today"},
                                         Case{"Hi <break time=\"1s\"/> there", "Hi there"},
                                         Case{"1. First\n2. Second", "one. First. two. Second"},
                                         Case{"\"Yes,\" she said (softly)", "Yes, she said, softly,"}, Case{"", ""},
                                         Case{"🙂", ""}, Case{"***", ""}));

class Portuguese : public testing::TestWithParam<Case> {};
TEST_P(Portuguese, is_said_as_people_say_it) { EXPECT_EQ(say(Language::pt, GetParam().text), GetParam().spoken); }

INSTANTIATE_TEST_SUITE_P(
    Numbers, Portuguese,
    testing::Values(Case{"Você tem 3 mensagens.", "Você tem três mensagens."},
                    Case{"São 2 pessoas e 2 dias", "São duas pessoas e dois dias"},
                    Case{"Pi é 3,14.", "Pi é três vírgula catorze."},
                    Case{"1.234.567 habitantes",
                         "um milhão duzentos e trinta e quatro mil quinhentos e sessenta e sete habitantes"},
                    Case{"o 1º lugar, a 2ª via", "o primeiro lugar, a segunda via"},
                    Case{"em 1999", "em mil novecentos e noventa e nove"},
                    Case{"faz -5 graus", "faz menos cinco graus"},
                    Case{"protocolo 20260001", "protocolo dois zero dois seis zero zero zero um"},
                    Case{"nº 15", "número quinze"}, Case{"nº 1.500", "número mil e quinhentos"},
                    Case{"2 noites, 1 unidade, 1/2 diária", "duas noites, uma unidade, meia diária"},
                    Case{"de 10-12 anos", "de dez a doze anos"}));
INSTANTIATE_TEST_SUITE_P(
    Money, Portuguese,
    testing::Values(
        Case{"R$ 1.234,56 à vista", "mil duzentos e trinta e quatro reais e cinquenta e seis centavos à vista"},
        Case{"R$ 1,00", "um real"}, Case{"R$0,50", "cinquenta centavos"}, Case{"R$ 1.000.000", "um milhão de reais"},
        Case{"R$ 2,5 milhões", "dois vírgula cinco milhões de reais"}, Case{"R$ 30 mil.", "trinta mil reais."},
        Case{"US$ 20", "vinte dólares"}, Case{"R$ 3 mi", "três milhões de reais"},
        Case{"3x de R$ 10/mês", "três vezes de dez reais por mês"},
        Case{"1% a.m. e 12% a.a. aqui", "um por cento ao mês e doze por cento ao ano aqui"},
        Case{"10% ou 12,5%", "dez por cento ou doze vírgula cinco por cento"}));
INSTANTIATE_TEST_SUITE_P(
    Times, Portuguese,
    testing::Values(Case{"às 10:30", "às dez e trinta"}, Case{"às 14h30.", "às catorze e trinta."},
                    Case{"às 9h", "às nove horas"}, Case{"1h", "uma hora"}, Case{"22:15", "vinte e duas e quinze"},
                    Case{"às 0h", "às zero hora"}, Case{"2h30min", "duas horas e trinta minutos"},
                    Case{"9h-18h", "nove horas a dezoito horas"},
                    Case{"05/03/2026", "cinco de março de dois mil e vinte e seis"},
                    Case{"dia 01/02", "dia primeiro de fevereiro"}, Case{"1º de maio", "primeiro de maio"},
                    Case{"25 de dezembro de 2026", "vinte e cinco de dezembro de dois mil e vinte e seis"}));
INSTANTIATE_TEST_SUITE_P(
    Addresses, Portuguese,
    testing::Values(Case{"maria.silva@exemplo.com.br", "maria ponto silva arroba exemplo ponto com ponto br"},
                    Case{"Acesse www.exemplo.com.br/ajuda.", "Acesse exemplo ponto com ponto br barra ajuda."},
                    Case{"(11) 98765-4321", "um um, nove oito sete seis cinco, quatro três dois um"},
                    Case{"+55 11 98765-4321",
                         "mais cinco cinco, um um, nove oito sete seis cinco, quatro três dois um"},
                    Case{"CPF 123.456.789-09", "CPF um dois três, quatro cinco seis, sete oito nove, zero nove"},
                    Case{"CEP 01310-100", "CEP zero um três um zero, um zero zero"}));
INSTANTIATE_TEST_SUITE_P(Words, Portuguese,
                         testing::Values(Case{"O Dr. João e a Sra. Lima", "O doutor João e a senhora Lima"},
                                         Case{"na Av. Paulista, nº 1000", "na avenida Paulista, número mil"},
                                         Case{"p. ex. isto", "por exemplo isto"},
                                         Case{"digite 2 ou #.", "digite dois ou jogo da velha."},
                                         Case{"de seg. a sex. cedo", "de segunda a sexta cedo"},
                                         Case{"5 km e 1 kg", "cinco quilômetros e um quilo"},
                                         Case{"pão & leite", "pão e leite"},
                                         Case{"**Olá**, tudo bem? 😊", "Olá, tudo bem?"},
                                         Case{"terça-feira às 8h", "terça-feira às oito horas"},
                                         Case{"R. Augusta, 500", "rua Augusta, quinhentos"}));

TEST(OtherLanguages, are_cleaned_and_left_alone) {
  EXPECT_EQ(say(Language::other, "**Hola**, son 3,50 € a las 10:30. 🙂"), "Hola, son 3,50 € a las 10:30.");
}

std::string pieces(Language language, std::string_view text) {
  std::string out;
  for (const SpokenPiece& piece : normaliser(language)(text).pieces(text))
    out += "[" + piece.text + "|" + piece.said + "]";
  return out;
}

TEST(SpokenText, leads_back_to_the_original_piece_by_piece) {
  EXPECT_EQ(pieces(Language::en, "It costs $1.50, please."),
            "[It|It][costs|costs][$1.50,|one dollar and fifty cents,]"
            "[please.|please.]");
  EXPECT_EQ(pieces(Language::pt, "Olá, são R$ 5,00. Tudo bem?"),
            "[Olá,|Olá,][são|são][R$ 5,00.|cinco reais.][Tudo|Tudo][bem?|bem?]");
  EXPECT_EQ(pieces(Language::en, "Call (415) 555-2671 now"),
            "[Call|Call][(415) 555-2671|four one five, five five five, two six seven one][now|now]");
}

TEST(SpokenText, keeps_what_is_not_said_with_its_neighbour) {
  EXPECT_EQ(pieces(Language::en, "- 🙂 Hi there 👋\n- bye"), "[- 🙂 Hi|Hi][there 👋 -|there.][bye|bye]");
  EXPECT_EQ(pieces(Language::en, "🙂 <break time=\"1s\"/>"), "");
}

TEST(SpeechNormaliser, survives_bytes_that_are_not_text) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += static_cast<char>(i * 89 % 256);
  EXPECT_FALSE(say(Language::en, text).empty());
  EXPECT_FALSE(say(Language::pt, text).empty());
}

}  // namespace
}  // namespace retell::text
