#include "providers/local/loop_guard.hpp"

#include <gtest/gtest.h>

namespace retell::providers::local {
namespace {

// How much of `text`, given in pieces of three bytes, is said before the guard ends it.
std::size_t until_loop(const std::string& text) {
  LoopGuard guard;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    if (guard.push(std::string_view(text).substr(at, 3))) return at;
  }
  return text.size();
}

TEST(LoopGuard, lets_an_answer_pass_that_says_each_thing_once) {
  const std::string text =
      "We open at nine in the morning. We close at 6.30 in the evening! No. No. No. Is there anything else that I can "
      "do?";
  EXPECT_EQ(until_loop(text), text.size());
}

TEST(LoopGuard, ends_an_answer_that_begins_again) {
  const std::string once = "It opens at nine in the morning. It closes at six in the evening. ";
  std::string text;
  for (int i = 0; i < 20; ++i) text += once;
  const auto said = until_loop(text);
  EXPECT_GT(said, once.size());
  EXPECT_LT(said, 2 * once.size());
}

TEST(LoopGuard, takes_line_ends_for_spaces) {
  EXPECT_LT(until_loop("That is what I was going to say.\nThat is what I was going to say.\n\n\nMore."), 66U);
}

}  // namespace
}  // namespace retell::providers::local
