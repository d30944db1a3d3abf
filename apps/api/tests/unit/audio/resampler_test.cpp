#include "audio/resampler.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace retell::audio {
namespace {

using Samples = std::vector<std::int16_t>;

Samples sine(double hz, int rate, double seconds, double amplitude = 10000.0) {
  Samples out(static_cast<std::size_t>(seconds * rate));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::int16_t>(
        std::lround(amplitude * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate)));
  }
  return out;
}

// Amplitude of one frequency, over the middle of the signal with a Hann window.
double amplitude_at(const Samples& x, double hz, int rate) {
  std::complex<double> sum = 0.0;
  double weight = 0.0;
  const std::size_t skip = x.size() / 8;
  const std::size_t n = x.size() - 2 * skip;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n));
    sum += w * x[skip + i] * std::polar(1.0, -2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate);
    weight += w;
  }
  return 2.0 * std::abs(sum) / weight;
}

double decibels(double ratio) { return 20.0 * std::log10(std::max(ratio, 1e-9)); }

Samples convert(Resampler& resampler, const Samples& in, std::size_t piece) {
  Samples out;
  for (std::size_t i = 0; i < in.size(); i += piece) {
    resampler.process(std::span(in).subspan(i, std::min(piece, in.size() - i)), out);
  }
  return out;
}

class AnyPair : public testing::TestWithParam<std::pair<int, int>> {
 protected:
  int from() const { return GetParam().first; }
  int to() const { return GetParam().second; }
  Resampler make() const { return Resampler::create(from(), to()).value(); }
};

TEST_P(AnyPair, gives_the_same_samples_whatever_the_pieces) {
  const Samples in = sine(440.0, from(), 0.5);
  Resampler whole = make();
  Resampler frames = make();
  Resampler odd = make();
  const Samples expected = convert(whole, in, in.size());
  EXPECT_EQ(convert(frames, in, static_cast<std::size_t>(from()) / 50), expected);
  EXPECT_EQ(convert(odd, in, 97), expected);
}

TEST_P(AnyPair, counts_samples_exactly_over_a_minute) {
  Resampler resampler = make();
  const Samples frame(static_cast<std::size_t>(from()) / 50);
  Samples out;
  std::size_t total = 0;
  for (int i = 0; i < 3000; ++i) {
    out.clear();
    resampler.process(frame, out);
    total += out.size();
  }
  EXPECT_NEAR(static_cast<double>(total), 60.0 * to(), 1.0);
}

// The 50 Hz crackle of stateless conversion shows as lines 50 Hz beside the tone; here they must drown.
TEST_P(AnyPair, leaves_no_crackle_at_the_frame_rate) {
  Resampler resampler = make();
  const Samples out = convert(resampler, sine(1000.0, from(), 1.0), static_cast<std::size_t>(from()) / 50);
  const double tone = amplitude_at(out, 1000.0, to());
  EXPECT_NEAR(tone, 10000.0, 30.0);
  for (const double beside : {900.0, 950.0, 1050.0, 1100.0, 50.0}) {
    EXPECT_LT(decibels(amplitude_at(out, beside, to()) / tone), -80.0) << beside;
  }
}

TEST_P(AnyPair, states_its_delay) {
  Resampler resampler = make();
  Samples pulse(static_cast<std::size_t>(from()) / 10);
  const std::size_t at = pulse.size() / 2;
  pulse[at] = 20000;
  const Samples out = convert(resampler, pulse, pulse.size());
  const auto peak = static_cast<double>(std::distance(
      out.begin(), std::max_element(out.begin(), out.end(), [](auto a, auto b) { return std::abs(a) < std::abs(b); })));
  const double delay_ms = 1000.0 * (peak / to() - static_cast<double>(at) / from());
  EXPECT_NEAR(delay_ms, resampler.latency_ms(), 0.15);
  EXPECT_LT(resampler.latency_ms(), 6.0);
}

INSTANTIATE_TEST_SUITE_P(Rates, AnyPair,
                         testing::Values(std::pair{8000, 16000}, std::pair{16000, 8000}, std::pair{24000, 16000},
                                         std::pair{24000, 8000}, std::pair{22050, 16000}, std::pair{44100, 16000},
                                         std::pair{48000, 16000}, std::pair{16000, 24000}, std::pair{16000, 48000},
                                         std::pair{22050, 8000}),
                         [](const auto& info) {
                           return std::to_string(info.param.first) + "_to_" + std::to_string(info.param.second);
                         });

TEST(Resampler, passes_equal_rates_through) {
  auto resampler = Resampler::create(16000, 16000).value();
  const Samples in = sine(300.0, 16000, 0.02);
  EXPECT_EQ(convert(resampler, in, 10), in);
  EXPECT_EQ(resampler.latency_ms(), 0.0);
}

TEST(Resampler, refuses_rates_that_no_sound_has) {
  for (const int rate : {0, -8000, 3999, 200000}) {
    const auto resampler = Resampler::create(rate, 16000);
    ASSERT_FALSE(resampler.has_value());
    EXPECT_EQ(resampler.error().field, "sample_rate");
  }
}

TEST(Resampler, flushes_what_its_filters_hold) {
  for (const auto& [from, to] : {std::pair{8000, 16000}, std::pair{24000, 16000}}) {
    auto resampler = Resampler::create(from, to).value();
    Samples in(static_cast<std::size_t>(from) / 50);
    in.back() = 20000;
    Samples out;
    resampler.process(in, out);
    EXPECT_LT(*std::max_element(out.begin(), out.end()), 5000);
    resampler.flush(out);
    EXPECT_GT(*std::max_element(out.begin(), out.end()), 9000);
  }
}

TEST(Resampler, gives_a_whole_recording_to_its_last_sample) {
  Samples in(160);
  in.back() = 20000;
  const auto out = resampled(in, 8000, 16000);
  ASSERT_TRUE(out.has_value());
  EXPECT_GT(*std::max_element(out->begin(), out->end()), 9000);
  EXPECT_EQ(resampled(in, 8000, 8000).value(), in);
  EXPECT_EQ(resampled(in, 8000, 0).error().field, "sample_rate");
}

TEST(Resampler, forgets_the_last_stream_on_reset) {
  for (const auto& [from, to] : {std::pair{8000, 16000}, std::pair{16000, 8000}, std::pair{24000, 16000}}) {
    auto resampler = Resampler::create(from, to).value();
    Samples out;
    resampler.process(Samples(161, 12000), out);
    resampler.reset();
    out.clear();
    resampler.process(Samples(160), out);
    EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](auto s) { return s == 0; })) << from;
  }
}

TEST(Halfband, keeps_the_telephone_band_level) {
  for (const double hz : {100.0, 300.0, 1000.0, 2000.0, 3000.0, 3400.0}) {
    auto up = Resampler::create(8000, 16000).value();
    auto down = Resampler::create(16000, 8000).value();
    EXPECT_NEAR(decibels(amplitude_at(convert(up, sine(hz, 8000, 1.0), 160), hz, 16000) / 10000.0), 0.0, 0.03) << hz;
    EXPECT_NEAR(decibels(amplitude_at(convert(down, sine(hz, 16000, 1.0), 320), hz, 8000) / 10000.0), 0.0, 0.03) << hz;
  }
}

TEST(Halfband, rejects_what_would_fold_back) {
  for (const double hz : {4600.0, 5000.0, 6000.0, 7000.0, 7700.0}) {
    auto down = Resampler::create(16000, 8000).value();
    const Samples out = convert(down, sine(hz, 16000, 1.0), 320);
    EXPECT_LT(decibels(amplitude_at(out, 8000.0 - hz, 8000) / 10000.0), -60.0) << hz;
  }
}

TEST(Halfband, leaves_no_image_above_the_old_band) {
  for (const double hz : {300.0, 1000.0, 2000.0, 3400.0}) {
    auto up = Resampler::create(8000, 16000).value();
    const Samples out = convert(up, sine(hz, 8000, 1.0), 160);
    EXPECT_LT(decibels(amplitude_at(out, 8000.0 - hz, 16000) / 10000.0), -60.0) << hz;
  }
}

TEST(Halfband, saturates_instead_of_wrapping) {
  auto up = Resampler::create(8000, 16000).value();
  Samples square;
  for (int i = 0; i < 800; ++i) square.push_back(i / 4 % 2 == 0 ? 32767 : -32768);
  const Samples out = convert(up, square, 160);
  // A wrap would jump by 65,536 between neighbours at the crest; the ringing of a clipped square wave does not.
  for (std::size_t i = 100; i + 1 < out.size(); ++i) EXPECT_LT(std::abs(out[i + 1] - out[i]), 50000) << i;
}

TEST(Framer, cuts_pieces_of_any_size_into_frames) {
  Framer framer(8000);
  std::vector<AudioFrame> frames;
  Samples in(500);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::int16_t>(i);
  const auto keep = [&](const AudioFrame& frame) { frames.push_back(frame); };
  framer.push(std::span(in).first(100), keep);
  framer.push(std::span(in).subspan(100, 350), keep);
  framer.push(std::span(in).subspan(450), keep);
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[2].samples()[0], 320);
  EXPECT_EQ(framer.pending(), 20U);
  AudioFrame rest;
  ASSERT_TRUE(framer.flush(rest));
  EXPECT_EQ(rest.samples()[19], 499);
  EXPECT_EQ(rest.samples()[20], 0);
  EXPECT_FALSE(framer.flush(rest));
}

}  // namespace
}  // namespace retell::audio
