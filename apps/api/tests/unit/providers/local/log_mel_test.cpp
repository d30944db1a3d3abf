#include "providers/local/log_mel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace retell::providers::local {
namespace {

// Three seconds of near silence, then a rising tone over a hiss: 8 s at 16 kHz.
std::vector<float> signal() {
  std::vector<float> wave(128'000);
  for (std::size_t i = 0; i < wave.size(); ++i) {
    const double n = static_cast<double>(i);
    const double seconds = n / 16'000;
    const double phase = 2 * std::numbers::pi * (100 * seconds + 200 * seconds * seconds);
    const double hiss = 0.01 * std::sin(static_cast<double>(i * i % 977));
    wave[i] = static_cast<float>((i >= 48'000 ? 0.3 * std::sin(phase) : 0.0) + hiss);
  }
  return wave;
}

// The numbers come from a numpy implementation of Whisper's feature extractor (the one Smart Turn is used with).
TEST(LogMel, equals_the_reference_feature_extractor) {
  const auto features = LogMel().compute(signal(), true);
  ASSERT_EQ(features.size(), 80U * 800U);
  struct Point {
    std::size_t band;
    std::size_t frame;
    float value;
  };
  constexpr Point points[] = {{0, 0, 0.409374F},    {3, 10, 0.341476F},   {10, 299, 0.507386F}, {10, 300, 0.911515F},
                              {20, 350, 0.489258F}, {40, 500, 0.454350F}, {60, 700, 0.434275F}, {79, 799, 0.397247F},
                              {33, 799, 0.284824F}, {5, 301, 0.357531F}};
  for (const auto& [band, frame, value] : points) {
    EXPECT_NEAR(features[band * 800 + frame], value, 2e-4F) << "band " << band << ", frame " << frame;
  }
  const double mean = std::accumulate(features.begin(), features.end(), 0.0) / static_cast<double>(features.size());
  EXPECT_NEAR(mean, 0.442372, 1e-4);
}

TEST(LogMel, bands_have_unit_area) {
  const auto bank = mel_filterbank();
  ASSERT_EQ(bank.size(), mel_bands * mel_bins);
  // High bands are many bins wide, so their sampled area (40 Hz a bin) comes close to the triangle's.
  for (std::size_t band = 50; band < mel_bands; ++band) {
    double area = 0;
    for (std::size_t bin = 0; bin < mel_bins; ++bin) area += 40.0 * static_cast<double>(bank[band * mel_bins + bin]);
    EXPECT_NEAR(area, 1.0, 0.05) << band;
  }
}

}  // namespace
}  // namespace retell::providers::local
