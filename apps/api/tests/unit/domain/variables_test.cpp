#include "domain/variables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "domain/rules.hpp"

namespace retell::domain {
namespace {

TEST(Variables, fill_names_and_leave_unknown_ones) {
  const Variables values = {{"name", "Ann"}, {"empty", ""}};
  EXPECT_EQ(fill_variables("Hi {{ name }}, {{empty}}{{nobody}}!", values), "Hi Ann, {{nobody}}!");
  EXPECT_EQ(fill_variables("{{name", values), "{{name");
  EXPECT_EQ(fill_variables("}} {{name}} {", values), "}} Ann {");
  EXPECT_EQ(fill_variables("", values), "");
}

TEST(Variables, nest_inside_names) {
  const Variables values = {{"zone", "UTC"}, {"current_time_UTC", "noon"}};
  EXPECT_EQ(fill_variables("{{current_time_{{zone}} }}", values), "noon");
  EXPECT_EQ(fill_variables("{{current_time_{{nobody}}}}", values), "{{current_time_{{nobody}}}}");
}

TEST(Variables, do_not_look_into_values_and_stay_bounded) {
  EXPECT_EQ(fill_variables("{{a}}", {{"a", "{{a}}"}}), "{{a}}");
  EXPECT_EQ(fill_variables("{{a}}{{a}}", {{"a", "12345"}}, 16), "12345{{a}}");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{{";
  for (int i = 0; i < 100; ++i) deep += "}}";
  EXPECT_EQ(fill_variables(deep, {}), deep);
}

TEST(Variables, tell_the_time_in_the_agents_zone) {
  const core::WallTime moment{std::chrono::milliseconds(1711694760000)};  // 2024-03-29 06:46 UTC
  const auto pacific = time_variables(moment, "America/Los_Angeles");
  EXPECT_EQ(pacific.at("current_time"), "Thursday, March 28, 2024 at 11:46 PM PDT");
  EXPECT_EQ(pacific.at("current_hour"), "23.77");
  EXPECT_TRUE(pacific.at("current_calendar").starts_with("Thursday, March 28, 2024 (Today)\nFriday, March 29, 2024\n"));
  EXPECT_EQ(time_variables(moment, "Mars/Base").at("current_time"), pacific.at("current_time"));
  const auto lines = pacific.at("current_calendar");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 13);
  EXPECT_TRUE(lines.ends_with("\nWednesday, April 10, 2024"));
  const auto time_after = [&](std::chrono::minutes more) {
    return time_variables(moment + more, "America/Los_Angeles").at("current_time");
  };
  EXPECT_EQ(time_after(std::chrono::minutes(14)), "Friday, March 29, 2024 at 12:00 AM PDT");
  EXPECT_EQ(time_after(std::chrono::minutes(14 + 720)), "Friday, March 29, 2024 at 12:00 PM PDT");
  Variables zoned;
  add_zoned_time_variables("at {{current_time_America/Sao_Paulo}}", moment, zoned);
  EXPECT_EQ(zoned.at("current_time_America/Sao_Paulo"), "Friday, March 29, 2024 at 03:46 AM -03");
}

TEST(Rules, know_numbers_and_languages) {
  EXPECT_TRUE(is_e164("+14155550100"));
  EXPECT_FALSE(is_e164("14155550100"));
  EXPECT_FALSE(is_e164("+04155550100"));
  EXPECT_FALSE(is_e164("+1415555010a"));
  EXPECT_FALSE(is_e164("+1415"));
  EXPECT_TRUE(is_language("es-419"));
  EXPECT_TRUE(is_language("multi"));
  EXPECT_FALSE(is_language("portuguese"));
  EXPECT_TRUE(is_language("yue-CN"));
  EXPECT_FALSE(is_language("pt_BR"));
  EXPECT_FALSE(is_language("xx-YY"));
}

TEST(Variables, cannot_break_a_url) {
  const Variables values{{"name", "a b&c=d#é"}, {"host", "example.com:8080"}, {"all", "https://example.com/a?b=c"}};
  EXPECT_EQ(fill_url("https://{{host}}/{{name}}/%20?q={{name}}", values),
            "https://example.com:8080/a%20b%26c%3Dd%23%C3%A9/%20?q=a%20b%26c%3Dd%23%C3%A9");
  EXPECT_EQ(fill_url("{{all}}", values), "https://example.com/a?b=c");
  EXPECT_EQ(fill_url("https://example.com/caf\u00e9", values), "https://example.com/caf%C3%A9");
  const auto unfilled = fill_url("https://example.com/{{nobody}}/{{name}}", values);
  EXPECT_EQ(unfilled, "https://example.com/%7B%7Bnobody%7D%7D/a%20b%26c%3Dd%23%C3%A9");
  EXPECT_EQ(unfilled_variable(unfilled), "{{nobody}}");
  EXPECT_EQ(unfilled_variable("https://{{host}}/"), "{{host}}");
  EXPECT_EQ(unfilled_variable("https://example.com/%7B%7B"), "");
}

}  // namespace
}  // namespace retell::domain
