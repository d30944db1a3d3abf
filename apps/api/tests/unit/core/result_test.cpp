#include "core/result.hpp"

#include <gtest/gtest.h>

namespace retell::core {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(ErrorCode::invalid, "expected an even number", "n");
  return n / 2;
}

TEST(Result, carries_the_value_or_the_field_at_fault) {
  EXPECT_EQ(half(4).value(), 2);
  const auto odd = half(3);
  ASSERT_FALSE(odd.has_value());
  EXPECT_EQ(odd.error().field, "n");
  EXPECT_STREQ(to_string(odd.error().code), "invalid");
}

}  // namespace
}  // namespace retell::core
