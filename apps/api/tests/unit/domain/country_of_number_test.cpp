#include "domain/country_of_number.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/paths.hpp"

namespace retell::domain {
namespace {

std::string country(std::string_view number) { return std::string(country_of_number(number).value_or("none")); }

// Made as the table is, of the same package. A few islands share their mobile numbers with a larger country.
TEST(CountryOfNumber, knows_a_mobile_number_of_every_country) {
  std::ifstream lines(test::data_file("mobile_numbers.txt"));
  std::string expected;
  std::string number;
  int count = 0;
  while (lines >> expected >> number) {
    EXPECT_EQ(country(number), expected) << number;
    EXPECT_TRUE(is_country(expected)) << expected;
    ++count;
  }
  EXPECT_GT(count, 230);
}

TEST(CountryOfNumber, tells_countries_apart_that_share_a_calling_code) {
  EXPECT_EQ(country("+14155550100"), "US");
  EXPECT_EQ(country("+14165550100"), "CA");
  EXPECT_EQ(country("+18095550100"), "DO");
  EXPECT_EQ(country("+79161234567"), "RU");
  EXPECT_EQ(country("+77011234567"), "KZ");
  EXPECT_EQ(country("+442071234567"), "GB");
  EXPECT_EQ(country("+447781123456"), "GG");
  EXPECT_EQ(country("+390669812345"), "VA");
  EXPECT_EQ(country("+5511912345678"), "BR");
}

TEST(CountryOfNumber, takes_toll_free_numbers_and_new_area_codes_for_the_main_countrys) {
  for (const auto* area : {"800", "833", "844", "855", "866", "877", "888", "999"}) {
    EXPECT_EQ(country("+1" + std::string(area) + "5550100"), "US") << area;
  }
}

TEST(CountryOfNumber, has_none_for_what_belongs_to_no_country) {
  for (const auto* number : {"", "+", "anonymous", "+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253",
                             "14155550100", "+1415555010x", "sip:ann@example.com", "+881612345678", "+80012345678",
                             "+883510000000", "+999123456", "+1415555010012345"}) {
    EXPECT_EQ(country(number), "none") << number;
  }
}

TEST(CountryOfNumber, knows_the_codes_of_countries) {
  for (const auto* code : {"US", "BR", "XK", "AC", "AQ", "EH", "VA"}) EXPECT_TRUE(is_country(code)) << code;
  for (const auto* code : {"", "us", "ZZ", "UK", "EU", "USA", "A"}) EXPECT_FALSE(is_country(code)) << code;
}

TEST(CountryOfNumber, is_on_a_list_or_the_list_lets_everybody_through) {
  EXPECT_TRUE(allows(std::nullopt, "anonymous"));
  EXPECT_TRUE(allows(std::vector<std::string>{}, "anonymous"));
  const std::vector<std::string> list{"US", "BR"};
  EXPECT_TRUE(allows(list, "+5511912345678"));
  EXPECT_FALSE(allows(list, "+14165550100"));
  EXPECT_FALSE(allows(list, "anonymous"));
}

}  // namespace
}  // namespace retell::domain
