#include <gtest/gtest.h>

#include "json/merge_patch.hpp"
#include "json/read.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"
#include "json/write.hpp"

namespace retell::json {
namespace {

enum class Status : std::uint8_t { registered, ongoing };
BOOST_DESCRIBE_ENUM(Status, registered, ongoing)

enum class Sound : std::uint8_t { coffee_shop, call_center };
constexpr auto wire_names(Sound) {
  return std::to_array<std::pair<Sound, std::string_view>>(
      {{Sound::coffee_shop, "coffee-shop"}, {Sound::call_center, "call-center"}});
}

struct Prompted {
  static constexpr std::string_view json_tag = "prompted";
  std::string prompt;
  std::optional<std::int32_t> version;
};
BOOST_DESCRIBE_STRUCT(Prompted, (), (prompt, version))

struct Remote {
  static constexpr std::string_view json_tag = "remote";
  std::string url;
  Object unknown;
};
BOOST_DESCRIBE_STRUCT(Remote, (), (url))

struct Robot {
  std::string name;
  std::variant<Prompted, Remote> engine;
  std::optional<double> volume;
  std::optional<Status> status;
  std::optional<Sound> sound;
  std::optional<std::vector<Prompted>> tools;
  std::optional<std::map<std::string, std::string>> variables;
  std::optional<std::variant<std::string, std::vector<std::string>>> language;
  Object unknown;
};
BOOST_DESCRIBE_STRUCT(Robot, (), (name, engine, volume, status, sound, tools, variables, language))

Value of(std::string_view text) { return parse(text).value(); }

TEST(JsonMapper, reads_every_kind_and_writes_it_back_unchanged) {
  const auto text =
      R"({"name":"Ann","engine":{"type":"prompted","prompt":"hi","version":3},"volume":0.5,"status":"ongoing",)"
      R"("sound":"coffee-shop","tools":[{"type":"prompted","prompt":"x"}],"variables":{"a":"b"},"language":["en-US"],)"
      R"("future_setting":{"deep":[1,2]}})";
  const auto robot = read<Robot>(of(text));
  ASSERT_TRUE(robot.has_value()) << robot.error().message;
  EXPECT_EQ(std::get<Prompted>(robot->engine).version, 3);
  EXPECT_EQ(robot->sound, Sound::coffee_shop);
  EXPECT_EQ(dump(write(*robot)), text);
}

TEST(JsonMapper, names_every_field_at_fault) {
  const auto robot = read<Robot>(of(
      R"({"engine":{"type":"prompted","prompt":5},"volume":"loud","status":"asleep","tools":[{"prompt":"ok"},{}]})"));
  ASSERT_FALSE(robot.has_value());
  EXPECT_EQ(robot.error().code, core::ErrorCode::invalid);
  EXPECT_EQ(robot.error().field, "name");
  EXPECT_EQ(robot.error().message,
            "name: is required; engine.prompt: expected a string; volume: expected a number; "
            "status: expected one of registered, ongoing; tools[1].prompt: is required");
}

TEST(JsonMapper, rejects_an_unknown_discriminator) {
  const auto robot = read<Robot>(of(R"({"name":"Ann","engine":{"type":"magic"}})"));
  ASSERT_FALSE(robot.has_value());
  EXPECT_EQ(robot.error().field, "engine.type");
  EXPECT_EQ(robot.error().message, "engine.type: expected one of prompted, remote");
}

TEST(JsonMapper, treats_null_like_a_missing_optional) {
  const auto robot = read<Robot>(of(R"({"name":"Ann","engine":{"type":"remote","url":"u"},"volume":null})"));
  ASSERT_TRUE(robot.has_value());
  EXPECT_FALSE(robot->volume.has_value());
  EXPECT_EQ(dump(write(*robot)), R"({"name":"Ann","engine":{"type":"remote","url":"u"}})");
}

TEST(JsonMapper, keeps_unknown_members_inside_a_variant_without_doubling_its_tag) {
  const auto text = R"({"name":"Ann","engine":{"type":"remote","url":"u","region":"eu"}})";
  EXPECT_EQ(dump(write(read<Robot>(of(text)).value())), text);
}

TEST(JsonMapper, accepts_one_text_or_a_list_and_nothing_else) {
  const auto one = read<Robot>(of(R"({"name":"a","engine":{"type":"remote","url":"u"},"language":"pt-BR"})"));
  EXPECT_EQ(std::get<std::string>(one.value().language.value()), "pt-BR");
  const auto wrong = read<Robot>(of(R"({"name":"a","engine":{"type":"remote","url":"u"},"language":5})"));
  EXPECT_EQ(wrong.error().field, "language");
  EXPECT_EQ(wrong.error().message, "language: expected a string or an array");
}

TEST(JsonMapper, refuses_fractions_and_overflow_where_an_integer_is_expected) {
  EXPECT_FALSE(read<std::int32_t>(of("1.5")).has_value());
  EXPECT_FALSE(read<std::int32_t>(of("3000000000")).has_value());
  EXPECT_EQ(read<std::int32_t>(of("1.0")).value(), 1);
}

TEST(JsonMapper, reports_at_most_ten_problems) {
  std::string text = "[";
  for (int i = 0; i < 50; ++i) text += i == 0 ? "5" : ",5";
  const auto read_back = read<std::vector<std::string>>(of(text + "]"));
  const auto& message = read_back.error().message;
  EXPECT_EQ(std::count(message.begin(), message.end(), ';'), 9);
}

TEST(JsonSchema, comes_from_the_same_descriptors) {
  const auto made = schema<Robot>();
  EXPECT_EQ(dump(made.at("required")), R"(["name","engine"])");
  EXPECT_EQ(dump(made.at("properties").at("sound")),
            R"({"anyOf":[{"type":"string","enum":["coffee-shop","call-center"]},{"type":"null"}]})");
  EXPECT_EQ(dump(made.at("properties").at("engine").at("oneOf").at(0).at("properties").at("type")),
            R"({"const":"prompted"})");
}

TEST(JsonSchema, defines_each_struct_once_and_refers_to_it) {
  SchemaBook book("#/components/schemas/");
  EXPECT_EQ(dump(schema<Robot>(book)), R"({"$ref":"#/components/schemas/Robot"})");
  EXPECT_EQ(dump(schema<std::vector<Robot>>(book)),
            R"({"type":"array","items":{"$ref":"#/components/schemas/Robot"}})");
  EXPECT_EQ(dump(patch_schema<Robot>(book)), R"({"$ref":"#/components/schemas/RobotPatch"})");
  EXPECT_TRUE(book.definitions().at("Robot").as_object().contains("required"));
  EXPECT_FALSE(book.definitions().at("RobotPatch").as_object().contains("required"));
}

struct Reserved {
  std::string operator_;
};
BOOST_DESCRIBE_STRUCT(Reserved, (), (operator_))

TEST(JsonMapper, takes_names_that_are_words_of_the_language) {
  EXPECT_EQ(read<Reserved>(of(R"({"operator":"&&"})"))->operator_, "&&");
  EXPECT_EQ(dump(write(Reserved{"||"})), R"({"operator":"||"})");
  EXPECT_EQ(read<Reserved>(of("{}")).error().message, "operator: is required");
  EXPECT_TRUE(schema<Reserved>().at("properties").as_object().contains("operator"));
}

TEST(MergePatch, follows_the_cases_of_the_standard) {
  // RFC 7396, appendix A.
  const std::vector<std::array<std::string_view, 3>> cases = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& [target, patch, expected] : cases) {
    auto value = of(target);
    merge_patch(value, of(patch));
    EXPECT_EQ(dump(value), expected) << target << " + " << patch;
  }
}

TEST(MergePatch, of_one_level_replaces_nested_settings_whole) {
  auto value = of(R"({"engine":{"type":"a","id":"1"},"name":"x"})");
  merge_patch(value, of(R"({"engine":{"type":"b","url":"u"},"name":null})"), 1);
  EXPECT_EQ(dump(value), R"({"engine":{"type":"b","url":"u"}})");
}

}  // namespace
}  // namespace retell::json
