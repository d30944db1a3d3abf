#include "text/template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "text/language.hpp"

namespace retell::text {
namespace {

std::string render(std::string_view text, const std::map<std::string, std::string, std::less<>>& values) {
  return render_template(text, [&](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  });
}

TEST(Template, replaces_variables_and_ignores_spaces_around_names) {
  EXPECT_EQ(render("Hello {{name}}, {{ name }}!", {{"name", "Ana"}}), "Hello Ana, Ana!");
  EXPECT_EQ(render("{{a}}{{b}}", {{"a", "1"}, {"b", ""}}), "1");
  EXPECT_EQ(render("nothing here", {}), "nothing here");
  EXPECT_EQ(render("", {}), "");
}

TEST(Template, leaves_unknown_variables_as_they_are) {
  EXPECT_EQ(render("Hello {{ who }}.", {{"name", "Ana"}}), "Hello {{ who }}.");
}

TEST(Template, resolves_the_inner_braces_of_nested_ones_first) {
  EXPECT_EQ(render("It is {{current_time_{{tz}} }}.", {{"tz", "UTC"}, {"current_time_UTC", "10:00"}}), "It is 10:00.");
  EXPECT_EQ(render("{{x_{{unknown}}}}", {{"x_", "no"}}), "{{x_{{unknown}}}}");
  EXPECT_EQ(render("{{x_{{tz}}}}", {{"tz", "UTC"}}), "{{x_UTC}}");
}

TEST(Template, never_looks_inside_values) {
  EXPECT_EQ(render("Hi {{name}}", {{"name", "{{secret}}"}, {"secret", "42"}}), "Hi {{secret}}");
}

TEST(Template, leaves_braces_that_are_not_variables) {
  EXPECT_EQ(render("{ {{}} }} {{ {{a", {{"a", "1"}}), "{ {{}} }} {{ {{a");
  EXPECT_EQ(render("{{{a}}}", {{"a", "1"}}), "{1}");
  EXPECT_EQ(render(R"({"x": {"y": 1}})", {}), R"({"x": {"y": 1}})");
  EXPECT_EQ(render("{{a\nb}} {{a}}", {{"a", "1"}}), "{{a\nb}} 1");
  EXPECT_EQ(render("{{" + std::string(300, 'x') + "}}", {{std::string(300, 'x'), "1"}}),
            "{{" + std::string(300, 'x') + "}}");
}

TEST(Template, bounds_nesting) {
  const std::string deep = std::string(20000, '{') + "a" + std::string(20000, '}');
  EXPECT_GT(render(deep, {{"a", "1"}}).size(), 39000U);
}

TEST(Template, lists_the_variables_a_text_asks_for) {
  EXPECT_THAT(template_variables("{{b}} {{ a }} {{b}} {{t_{{z}}}}"), testing::ElementsAre("b", "a", "z"));
}

TEST(Language, comes_from_the_agents_code) {
  EXPECT_EQ(language_of("pt-BR"), Language::pt);
  EXPECT_EQ(language_of("pt_PT"), Language::pt);
  EXPECT_EQ(language_of("en-US"), Language::en);
  EXPECT_EQ(language_of("en"), Language::en);
  EXPECT_EQ(language_of("multi"), Language::other);
  EXPECT_EQ(language_of(""), Language::other);
}

}  // namespace
}  // namespace retell::text
