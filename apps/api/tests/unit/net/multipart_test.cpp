#include "net/multipart.hpp"

#include <gtest/gtest.h>

namespace retell::net {
namespace {

constexpr auto type = "multipart/form-data; boundary=xyz";

TEST(Multipart, gives_fields_and_files_in_order) {
  const std::string body =
      "--xyz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nOlá\r\n"
      "--xyz\r\nContent-Disposition: form-data; name=\"files\"; filename=\"../a \\\"b\\\".txt\"\r\n"
      "Content-Type: text/plain\r\n\r\none\r\ntwo\r\n"
      "--xyz\r\ncontent-disposition: form-data; name=empty\r\n\r\n\r\n"
      "--xyz--\r\n";
  const auto parts = parse_multipart(type, body);
  ASSERT_TRUE(parts.has_value()) << parts.error().message;
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ((*parts)[0].name, "title");
  EXPECT_EQ((*parts)[0].content, "Olá");
  EXPECT_FALSE((*parts)[0].is_file);
  EXPECT_TRUE((*parts)[1].is_file);
  EXPECT_EQ((*parts)[1].file_name, "a \"b\".txt");
  EXPECT_EQ((*parts)[1].content_type, "text/plain");
  EXPECT_EQ((*parts)[1].content, "one\r\ntwo");
  EXPECT_EQ((*parts)[2].name, "empty");
  EXPECT_EQ((*parts)[2].content, "");
}

TEST(Multipart, takes_a_quoted_boundary_and_no_parts_at_all) {
  EXPECT_TRUE(parse_multipart("Multipart/Form-Data; charset=utf-8; boundary=\"xyz\"", "--xyz--\r\n")->empty());
}

TEST(Multipart, refuses_what_is_not_well_formed) {
  for (const auto* body : {"", "--xy", "--xyz", "--xyz\r\n", "--xyz\r\nA: b\r\n\r\nx\r\n--xyz--",
                           "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nnever ends",
                           "--xyz\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--xyz--"}) {
    EXPECT_EQ(parse_multipart(type, body).error().code, core::ErrorCode::invalid) << body;
  }
  EXPECT_FALSE(parse_multipart("application/json", "{}").has_value());
  EXPECT_FALSE(parse_multipart("multipart/form-data", "--xyz--").has_value());
  std::string many;
  for (int i = 0; i < 3; ++i) many += "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  EXPECT_EQ(parse_multipart(type, many + "--xyz--", 2).error().code, core::ErrorCode::too_large);
}

}  // namespace
}  // namespace retell::net
