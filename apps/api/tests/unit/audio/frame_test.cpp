#include "audio/frame.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace retell::audio {
namespace {

TEST(AudioFrame, is_twenty_milliseconds_at_either_rate) {
  EXPECT_EQ(AudioFrame(narrowband).size(), 160U);
  EXPECT_EQ(AudioFrame(wideband).samples().size(), 320U);
  EXPECT_TRUE(AudioFrame().is_silent());
}

TEST(AudioFrame, keeps_what_fits_and_leaves_the_rest_silent) {
  const std::vector<std::int16_t> few{1, 2, 3};
  const AudioFrame frame(narrowband, few);
  EXPECT_EQ(frame.samples()[2], 3);
  EXPECT_EQ(frame.samples()[3], 0);
  const std::vector<std::int16_t> many(400, 7);
  EXPECT_EQ(AudioFrame(narrowband, many).samples().back(), 7);
}

TEST(AudioFrame, compares_only_the_samples_of_its_rate) {
  AudioFrame a(narrowband);
  AudioFrame b(narrowband);
  b.data[200] = 5;  // beyond 20 ms at 8 kHz
  EXPECT_EQ(a, b);
  b.samples()[0] = 1;
  EXPECT_FALSE(a == b);
  EXPECT_FALSE(a == AudioFrame(wideband));
}

TEST(Level, of_a_full_scale_sine_is_three_decibels_down) {
  AudioFrame frame(wideband);
  for (std::size_t i = 0; i < frame.size(); ++i) {
    frame.samples()[i] =
        static_cast<std::int16_t>(32767.0 * std::sin(2.0 * std::numbers::pi * static_cast<double>(i) / 32.0));
  }
  EXPECT_NEAR(frame.dbfs(), -3.01F, 0.02F);
  EXPECT_FALSE(frame.is_silent());
  EXPECT_FLOAT_EQ(AudioFrame().dbfs(), silence_dbfs);
  EXPECT_FLOAT_EQ(rms({}), 0.0F);
}

TEST(Gain, rounds_and_saturates) {
  std::vector<std::int16_t> samples{100, -101, 30000, -30000};
  apply_gain(samples, 1.5F);
  EXPECT_EQ(samples, (std::vector<std::int16_t>{150, -152, 32767, -32768}));
}

}  // namespace
}  // namespace retell::audio
