#include "providers/local/child_process.hpp"

#include <gtest/gtest.h>

#include <string>

namespace retell::providers::local {
namespace {

TEST(ChildProcess, feeds_input_and_streams_output) {
  std::string out;
  ChildOptions options;
  options.input = std::string(300'000, 'x');  // more than any pipe holds
  options.output = [&](std::span<const char> piece) {
    out.append(piece.data(), piece.size());
    return true;
  };
  ASSERT_TRUE(run_child({"cat"}, options).has_value());
  EXPECT_EQ(out, options.input);
}

TEST(ChildProcess, reports_a_failure_with_what_the_program_said) {
  const auto result = run_child({"ls", "/no/such/folder"});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, core::ErrorCode::io);
  EXPECT_NE(result.error().message.find("/no/such/folder"), std::string::npos);
}

TEST(ChildProcess, says_which_program_is_missing) {
  const auto result = run_child({"no-such-program-anywhere"});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, core::ErrorCode::unavailable);
  EXPECT_FALSE(program_exists("no-such-program-anywhere"));
  EXPECT_TRUE(program_exists("cat"));
}

TEST(ChildProcess, kills_what_takes_too_long) {
  ChildOptions options;
  options.timeout = std::chrono::milliseconds(100);
  const auto start = std::chrono::steady_clock::now();
  const auto result = run_child({"sleep", "30"}, options);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, core::ErrorCode::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(ChildProcess, stops_when_the_reader_has_had_enough) {
  ChildOptions options;
  options.output = [](std::span<const char>) { return false; };
  const auto result = run_child({"yes"}, options);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, core::ErrorCode::cancelled);
}

TEST(ChildProcess, survives_a_program_that_does_not_read_its_input) {
  ChildOptions options;
  options.input = std::string(1'000'000, 'x');
  EXPECT_TRUE(run_child({"true"}, options).has_value());
}

}  // namespace
}  // namespace retell::providers::local
