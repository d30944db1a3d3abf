#include "json/text.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace retell::json {
namespace {

TEST(JsonText, prints_numbers_as_javascript_does) {
  EXPECT_EQ(dump(Value(1.0)), "1");
  EXPECT_EQ(dump(Value(0.1)), "0.1");
  EXPECT_EQ(dump(Value(-0.0)), "0");
  EXPECT_EQ(dump(Value(1234.5678)), "1234.5678");
  EXPECT_EQ(dump(Value(1e20)), "100000000000000000000");
  EXPECT_EQ(dump(Value(1e21)), "1e+21");
  EXPECT_EQ(dump(Value(1.5e-7)), "1.5e-7");
  EXPECT_EQ(dump(Value(0.000001)), "0.000001");
  EXPECT_EQ(dump(Value(std::int64_t{1700000000000})), "1700000000000");
  EXPECT_EQ(dump(Value(std::numeric_limits<double>::infinity())), "null");
}

TEST(JsonText, gives_back_every_number_exactly) {
  for (const auto* number :
       {"0.30000000000000004", "9276953.114292981", "3621727.062709838", "1.7976931348623157e+308", "5e-324",
        "123456789012345680000", "-0.1", "18446744073709551615", "-9223372036854775808"}) {
    EXPECT_EQ(dump(parse(number).value()), number);
  }
}

TEST(JsonText, leaves_letters_and_slashes_alone_and_escapes_controls) {
  EXPECT_EQ(dump(Value("ol\xC3\xA1 a/b \"q\" \\ \n\t\x01")), "\"ol\xC3\xA1 a/b \\\"q\\\" \\\\ \\n\\t\\u0001\"");
}

TEST(JsonText, keeps_members_in_the_order_they_came) {
  const std::string text = R"({"z":1,"a":[true,false,null],"m":{}})";
  EXPECT_EQ(dump(parse(text).value()), text);
}

TEST(JsonText, refuses_what_is_too_deep_too_large_or_not_json) {
  EXPECT_FALSE(parse(std::string(100, '[') + std::string(100, ']')).has_value());
  EXPECT_TRUE(parse(std::string(60, '[') + std::string(60, ']')).has_value());
  EXPECT_EQ(parse("[1,2,3]", {.bytes = 3}).error().code, core::ErrorCode::too_large);
  EXPECT_EQ(parse("{\"a\":}").error().code, core::ErrorCode::invalid);
  EXPECT_FALSE(parse("\"\xC3\x28\"").has_value());  // broken UTF-8
  EXPECT_FALSE(parse("{} {}").has_value());
}

// What JavaScript makes of each; a second time it makes the same of it.
struct SignedBody {
  const char* given;
  const char* expected;
};
constexpr SignedBody signed_bodies[] = {
    {R"({"b":1,"10":2,"a":3,"2":4,"01":5,"-1":6,"1.0":7,"0":8})",
     R"({"0":8,"2":4,"10":2,"b":1,"a":3,"01":5,"-1":6,"1.0":7})"},
    {R"({"4294967295":1,"4294967294":2,"4294967296":3,"x":{"9":1,"8":[{"7":1,"6":2}]}})",
     R"({"4294967294":2,"4294967295":1,"4294967296":3,"x":{"8":[{"6":2,"7":1}],"9":1}})"},
    {"[9007199254740992,9007199254740993,9007199254740995,-9007199254740993]",
     "[9007199254740992,9007199254740992,9007199254740996,-9007199254740992]"},
    {"[9223372036854775807,18446744073709551615,-9223372036854775808]",
     "[9223372036854776000,18446744073709552000,-9223372036854776000]"},
    {"[0.0000001,1.5e-7,0.000001,1e-7,123456789012345678901234,1.0,-0.0,100]",
     "[1e-7,1.5e-7,0.000001,1e-7,1.2345678901234569e+23,1,0,100]"},
    {R"({"ol\u00e1":"a\/b\u2028","":""})", "{\"ol\xC3\xA1\":\"a/b\xE2\x80\xA8\",\"\":\"\"}"},
};

TEST(JsonText, prints_what_is_signed_as_javascript_would_print_it_again) {
  for (const auto& [given, expected] : signed_bodies) {
    const auto printed = dump_as_javascript(parse(given).value());
    EXPECT_EQ(printed, expected);
    EXPECT_EQ(dump_as_javascript(parse(printed).value()), printed);
  }
}

TEST(JsonText, agrees_with_javascript_itself_about_what_is_signed) {
  ASSERT_EQ(std::system("command -v node >/dev/null"), 0) << "scripts/install-deps.sh installs it";
  for (const auto& [given, expected] : signed_bodies) {
    const auto body = dump_as_javascript(parse(given).value());
    const auto script = "echo '" + body +
                        "' | node -e 'const body = require(\"fs\").readFileSync(0, \"utf8\").trim();" +
                        "process.exit(JSON.stringify(JSON.parse(body)) === body ? 0 : 1)'";
    EXPECT_EQ(std::system(script.c_str()), 0) << body;
  }
}

}  // namespace
}  // namespace retell::json
