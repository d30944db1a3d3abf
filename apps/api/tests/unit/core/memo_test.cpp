#include "core/memo.hpp"

#include <gtest/gtest.h>

namespace retell::core {
namespace {

TEST(Memo, answers_only_to_the_text_that_its_value_was_made_of) {
  Memo<int> memo(8);
  EXPECT_FALSE(memo.recall("key", "one"));
  memo.remember("key", "one", 1);
  EXPECT_EQ(memo.recall("key", "one"), 1);
  EXPECT_FALSE(memo.recall("key", "two")) << "the text has changed";
  EXPECT_FALSE(memo.recall("other", "one"));
  memo.remember("key", "two", 2);
  EXPECT_EQ(memo.recall("key", "two"), 2);
  EXPECT_FALSE(memo.recall("key", "one"));
}

TEST(Memo, never_holds_more_than_it_may) {
  Memo<int> memo(2);
  memo.remember("a", "text", 1);
  memo.remember("b", "text", 2);
  memo.remember("b", "text", 3);
  EXPECT_EQ(memo.recall("a", "text"), 1) << "a value that takes the place of another needs no room";
  memo.remember("c", "text", 4);
  EXPECT_FALSE(memo.recall("a", "text"));
  EXPECT_EQ(memo.recall("c", "text"), 4);
}

}  // namespace
}  // namespace retell::core
