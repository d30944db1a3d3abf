#include "json/text.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace retell::json
