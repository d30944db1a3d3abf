#include "text/csv.hpp"

#include <gtest/gtest.h>

namespace retell::text {
namespace {

using Rows = std::vector<CsvRow>;

TEST(Csv, reads_quotes_commas_and_line_breaks) {
  EXPECT_EQ(parse_csv("\xEF\xBB\xBFName,Phone\r\n\"Silva, Ana\",\"+55 \"\"11\"\"\"\r\n\r\n\"two\nlines\",\n", 100),
            (Rows{{"Name", "Phone"}, {"Silva, Ana", "+55 \"11\""}, {"two\nlines", ""}}));
}

TEST(Csv, needs_no_line_break_at_the_end_and_stops_at_the_limit) {
  EXPECT_EQ(parse_csv("a,b", 10), (Rows{{"a", "b"}}));
  EXPECT_EQ(parse_csv("a\nb\nc", 2), (Rows{{"a"}, {"b"}}));
  EXPECT_EQ(parse_csv("", 10), Rows{});
  EXPECT_EQ(parse_csv("\"never ends\n", 10), (Rows{{"never ends\n"}}));
}

}  // namespace
}  // namespace retell::text
