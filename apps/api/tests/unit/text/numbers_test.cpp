#include "text/numbers.hpp"

#include <gtest/gtest.h>

namespace retell::text {
namespace {

constexpr auto en = Language::en;
constexpr auto pt = Language::pt;

struct NumberCase {
  std::uint64_t value;
  const char* en;
  const char* pt;
};
class Cardinal : public testing::TestWithParam<NumberCase> {};
TEST_P(Cardinal, is_spoken_in_both_languages) {
  EXPECT_EQ(cardinal(GetParam().value, en), GetParam().en);
  EXPECT_EQ(cardinal(GetParam().value, pt), GetParam().pt);
}
INSTANTIATE_TEST_SUITE_P(
    Numbers, Cardinal,
    testing::Values(
        NumberCase{0, "zero", "zero"}, NumberCase{7, "seven", "sete"}, NumberCase{14, "fourteen", "catorze"},
        NumberCase{20, "twenty", "vinte"}, NumberCase{21, "twenty-one", "vinte e um"},
        NumberCase{100, "one hundred", "cem"}, NumberCase{101, "one hundred one", "cento e um"},
        NumberCase{110, "one hundred ten", "cento e dez"}, NumberCase{200, "two hundred", "duzentos"},
        NumberCase{999, "nine hundred ninety-nine", "novecentos e noventa e nove"},
        NumberCase{1000, "one thousand", "mil"}, NumberCase{1001, "one thousand one", "mil e um"},
        NumberCase{1200, "one thousand two hundred", "mil e duzentos"},
        NumberCase{1234, "one thousand two hundred thirty-four", "mil duzentos e trinta e quatro"},
        NumberCase{2026, "two thousand twenty-six", "dois mil e vinte e seis"},
        NumberCase{21000, "twenty-one thousand", "vinte e um mil"},
        NumberCase{100000, "one hundred thousand", "cem mil"}, NumberCase{1000000, "one million", "um milhão"},
        NumberCase{2500000, "two million five hundred thousand", "dois milhões e quinhentos mil"},
        NumberCase{1000001, "one million one", "um milhão e um"},
        NumberCase{3456789012ULL,
                   "three billion four hundred fifty-six million seven hundred eighty-nine thousand twelve",
                   "três bilhões quatrocentos e cinquenta e seis milhões setecentos e oitenta e nove mil e doze"}));

TEST(Cardinal, follows_the_gender_of_the_noun) {
  EXPECT_EQ(cardinal(1, pt, Gender::feminine), "uma");
  EXPECT_EQ(cardinal(22, pt, Gender::feminine), "vinte e duas");
  EXPECT_EQ(cardinal(200, pt, Gender::feminine), "duzentas");
  EXPECT_EQ(cardinal(2001, pt, Gender::feminine), "duas mil e uma");
  EXPECT_EQ(cardinal(2'000'000, pt, Gender::feminine), "dois milhões");
}

TEST(Cardinal, spells_what_is_too_large_to_name) {
  EXPECT_EQ(cardinal(1'000'000'000'000'000ULL, en).substr(0, 13), "one zero zero");
}

class Ordinal : public testing::TestWithParam<NumberCase> {};
TEST_P(Ordinal, is_spoken_in_both_languages) {
  EXPECT_EQ(ordinal(GetParam().value, en), GetParam().en);
  EXPECT_EQ(ordinal(GetParam().value, pt), GetParam().pt);
}
INSTANTIATE_TEST_SUITE_P(Numbers, Ordinal,
                         testing::Values(NumberCase{1, "first", "primeiro"}, NumberCase{2, "second", "segundo"},
                                         NumberCase{3, "third", "terceiro"}, NumberCase{5, "fifth", "quinto"},
                                         NumberCase{8, "eighth", "oitavo"}, NumberCase{9, "ninth", "nono"},
                                         NumberCase{10, "tenth", "décimo"}, NumberCase{12, "twelfth", "décimo segundo"},
                                         NumberCase{20, "twentieth", "vigésimo"},
                                         NumberCase{21, "twenty-first", "vigésimo primeiro"},
                                         NumberCase{100, "one hundredth", "centésimo"},
                                         NumberCase{1000, "one thousandth", "mil"}));

TEST(Ordinal, has_a_feminine) { EXPECT_EQ(ordinal(22, pt, Gender::feminine), "vigésima segunda"); }

TEST(Year, is_said_in_pairs_in_english) {
  EXPECT_EQ(year(1999, en), "nineteen ninety-nine");
  EXPECT_EQ(year(1905, en), "nineteen oh five");
  EXPECT_EQ(year(1900, en), "nineteen hundred");
  EXPECT_EQ(year(2000, en), "two thousand");
  EXPECT_EQ(year(2009, en), "two thousand nine");
  EXPECT_EQ(year(2026, en), "twenty twenty-six");
  EXPECT_EQ(year(2026, pt), "dois mil e vinte e seis");
}

TEST(ParseNumber, knows_each_languages_separators) {
  const auto is = [](const WrittenNumber& n, const char* integer, const char* fraction) {
    EXPECT_EQ(n.integer, integer);
    EXPECT_EQ(n.fraction, fraction);
  };
  is(parse_number("1,234.56", en), "1234", "56");
  is(parse_number("1.234,56", pt), "1234", "56");
  is(parse_number("1.234.567", pt), "1234567", "");
  is(parse_number("1,234", en), "1234", "");
  is(parse_number("3.14", pt), "3", "14");  // no group of three: a decimal point in Portuguese text
  is(parse_number("2,5", en), "2", "5");
  is(parse_number("42", en), "42", "");
  is(parse_number(".", en), "0", "");
}

TEST(SpokenNumber, reads_fractions) {
  EXPECT_EQ(spoken_number({"3", "14"}, en), "three point one four");
  EXPECT_EQ(spoken_number({"3", "14"}, pt), "três vírgula catorze");
  EXPECT_EQ(spoken_number({"3", "05"}, pt), "três vírgula zero cinco");
  EXPECT_EQ(spoken_number({"3", "1416"}, pt), "três vírgula um quatro um seis");
  EXPECT_TRUE(is_one({"1", "00"}));
  EXPECT_FALSE(is_one({"1", "5"}));
}

}  // namespace
}  // namespace retell::text
