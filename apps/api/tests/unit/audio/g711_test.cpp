#include "audio/g711.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <vector>

namespace retell::audio {
namespace {

constexpr int lowest = std::numeric_limits<std::int16_t>::min();
constexpr int highest = std::numeric_limits<std::int16_t>::max();

TEST(Ulaw, has_the_levels_of_the_standard) {
  // G.711 table 2a, in 16-bit units (the table's values times four).
  EXPECT_EQ(ulaw_decode(0xFF), 0);
  EXPECT_EQ(ulaw_decode(0x7F), 0);
  EXPECT_EQ(ulaw_decode(0xFE), 2 * 4);
  EXPECT_EQ(ulaw_decode(0xEF), 33 * 4);
  EXPECT_EQ(ulaw_decode(0xDF), 99 * 4);
  EXPECT_EQ(ulaw_decode(0x80), 8031 * 4);
  EXPECT_EQ(ulaw_decode(0x00), -8031 * 4);
}

TEST(Alaw, has_the_levels_of_the_standard) {
  // G.711 table 1a, in 16-bit units (the table's values times eight).
  EXPECT_EQ(alaw_decode(0xD5), 1 * 8);
  EXPECT_EQ(alaw_decode(0x55), -1 * 8);
  EXPECT_EQ(alaw_decode(0x80 ^ 0x55 ^ 0x10), 33 * 8);
  EXPECT_EQ(alaw_decode(0xAA), 4032 * 8);
  EXPECT_EQ(alaw_decode(0x2A), -4032 * 8);
}

TEST(Ulaw, gives_every_code_back_except_the_second_zero) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    EXPECT_EQ(ulaw_encode(ulaw_decode(byte)), code == 0x7F ? 0xFF : byte) << code;
  }
}

TEST(Alaw, gives_every_code_back) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    EXPECT_EQ(alaw_encode(alaw_decode(byte)), byte) << code;
  }
}

// The decision values of G.711's tables, positive half, in 16-bit units.
struct Segment {
  int steps;
  int width;
};
std::vector<int> decision_values(int unit, std::initializer_list<Segment> segments) {
  std::vector<int> values{0};
  for (const Segment& s : segments) {
    for (int i = 0; i < s.steps; ++i) values.push_back(values.back() + s.width * unit);
  }
  return values;
}

// The level that the standard gives a magnitude: the middle of its decision interval, the last one beyond the clip.
int middle(const std::vector<int>& values, int magnitude) {
  const auto above = std::upper_bound(values.begin(), values.end() - 1, magnitude);
  return (*(above - 1) + *above) / 2;
}

TEST(Ulaw, quantises_every_sample_as_the_table_says) {
  const auto values =
      decision_values(4, {{1, 1}, {15, 2}, {16, 4}, {16, 8}, {16, 16}, {16, 32}, {16, 64}, {16, 128}, {16, 256}});
  ASSERT_EQ(values.back(), 8159 * 4);
  for (int x = lowest; x <= highest; ++x) {
    const int magnitude = std::abs(x);
    const int expected = magnitude < 4 ? 0 : middle(values, magnitude);
    ASSERT_EQ(ulaw_decode(ulaw_encode(static_cast<std::int16_t>(x))), x < 0 ? -expected : expected) << x;
  }
}

TEST(Alaw, quantises_every_sample_as_the_table_says) {
  const auto values = decision_values(8, {{32, 2}, {16, 4}, {16, 8}, {16, 16}, {16, 32}, {16, 64}, {16, 128}});
  ASSERT_EQ(values.back(), 4096 * 8);
  for (int x = lowest; x <= highest; ++x) {
    const int expected = middle(values, x < 0 ? -x - 1 : x);
    ASSERT_EQ(alaw_decode(alaw_encode(static_cast<std::int16_t>(x))), x < 0 ? -expected : expected) << x;
  }
}

TEST(G711, converts_what_both_spans_hold) {
  const std::array<std::int16_t, 4> samples{0, 1000, -1000, 32767};
  std::array<std::uint8_t, 3> codes{};
  EXPECT_EQ(ulaw_encode(samples, codes), 3U);
  std::array<std::int16_t, 8> back{};
  EXPECT_EQ(ulaw_decode(codes, back), 3U);
  EXPECT_EQ(back[0], 0);
  EXPECT_NEAR(back[1], 1000, 32);
  EXPECT_EQ(back[2], -back[1]);
  EXPECT_EQ(alaw_encode(samples, codes), 3U);
  EXPECT_EQ(alaw_decode(codes, back), 3U);
  EXPECT_NEAR(back[1], 1000, 32);
}

TEST(G711, names_its_silence) {
  EXPECT_EQ(ulaw_encode(0), ulaw_silence);
  EXPECT_EQ(alaw_encode(0), alaw_silence);
}

}  // namespace
}  // namespace retell::audio
