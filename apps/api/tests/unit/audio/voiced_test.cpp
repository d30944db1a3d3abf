#include "audio/voiced.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "audio/wav.hpp"
#include "support/paths.hpp"

namespace retell::audio {
namespace {

using Samples = std::vector<std::int16_t>;
using Spans = std::vector<VoicedSpan>;

Samples tone(int rate, double seconds, double amplitude) {
  Samples out(static_cast<std::size_t>(seconds * rate));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::int16_t>(amplitude * std::cos(2.0 * M_PI * 440.0 * static_cast<double>(i) / rate));
  }
  return out;
}

void append(Samples& to, const Samples& what) { to.insert(to.end(), what.begin(), what.end()); }

class VoicedAt : public testing::TestWithParam<int> {};

// flite's voice in the clip: 500 ms of zeros, the voice's own short silence, speech, 600 ms of pause, quieter speech.
TEST_P(VoicedAt, finds_the_speech_and_not_the_pauses) {
  const int rate = GetParam();
  const auto wav = read_wav(test::data_file("vad/speech_" + std::to_string(rate / 1000) + "k.wav"));
  ASSERT_TRUE(wav.has_value());
  const auto spans = voiced_spans(wav->samples, rate);
  ASSERT_EQ(spans.size(), 2U);
  const auto ms = [rate](std::int64_t samples) { return 1000.0 * static_cast<double>(samples) / rate; };
  EXPECT_NEAR(ms(spans[0].begin), 640.0, 60.0);
  EXPECT_GT(ms(spans[0].end - spans[0].begin), 2000.0);
  EXPECT_GT(ms(spans[1].begin - spans[0].end), 500.0);
  EXPECT_LT(ms(spans[1].end), 5600.0);
}

// The end must be the last audible block, not where the network gives up some 100 ms later.
TEST_P(VoicedAt, ends_where_the_voice_ends) {
  const int rate = GetParam();
  const auto wav = read_wav(test::data_file("vad/speech_" + std::to_string(rate / 1000) + "k.wav")).value();
  // Cut in the middle of the first utterance, where the voice is loud, then digital silence.
  const auto cut = static_cast<std::size_t>(1.5 * rate);
  Samples channel(wav.samples.begin(), wav.samples.begin() + static_cast<std::ptrdiff_t>(cut));
  channel.resize(channel.size() + static_cast<std::size_t>(rate));
  const auto spans = voiced_spans(channel, rate);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_NEAR(static_cast<double>(spans[0].end), static_cast<double>(cut), 0.02 * rate);
}

TEST_P(VoicedAt, hears_nothing_in_silence_noise_or_too_little_sound) {
  const int rate = GetParam();
  EXPECT_TRUE(voiced_spans(Samples(static_cast<std::size_t>(rate)), rate).empty());
  EXPECT_TRUE(voiced_spans(tone(rate, 2.0, 3000.0), rate).empty());
  EXPECT_TRUE(voiced_spans({}, rate).empty());
  EXPECT_TRUE(voiced_spans(Samples(7), rate).empty());
}

TEST_P(VoicedAt, finds_audible_spans_to_the_millisecond) {
  const int rate = GetParam();
  const auto at = [rate](double seconds) { return static_cast<std::int64_t>(seconds * rate); };
  Samples channel(static_cast<std::size_t>(rate));
  append(channel, tone(rate, 0.5, 4000.0));
  channel.resize(channel.size() + static_cast<std::size_t>(rate / 10));  // 100 ms: between words
  append(channel, tone(rate, 0.5, 4000.0));
  channel.resize(channel.size() + static_cast<std::size_t>(rate));
  append(channel, tone(rate, 0.25, 4000.0));
  EXPECT_EQ(audible_spans(channel, rate), (Spans{{at(1.0), at(2.1)}, {at(3.1), at(3.35)}}));
  EXPECT_EQ(audible_spans(channel, rate, {.join_ms = 50}).size(), 3U);
}

TEST_P(VoicedAt, hears_an_agent_that_hardly_ever_falls_silent) {
  const int rate = GetParam();
  Samples channel(static_cast<std::size_t>(rate / 20));
  append(channel, tone(rate, 2.0, 4000.0));
  EXPECT_EQ(audible_spans(channel, rate), (Spans{{rate / 20, rate / 20 + 2 * rate}}));
}

INSTANTIATE_TEST_SUITE_P(Rates, VoicedAt, testing::Values(8000, 16000), testing::PrintToStringParamName());

TEST(Responses, run_from_the_callers_last_sample_to_the_agents_first) {
  const Spans caller{{1000, 2000}, {2500, 3000}, {9000, 9500}};
  const Spans agent{{0, 500}, {4000, 5000}, {5600, 6000}, {10300, 12000}};
  const auto got = responses(caller, agent);
  ASSERT_EQ(got.size(), 2U);  // the greeting answers nobody; 5600 goes on with the same answer
  EXPECT_EQ(got[0].caller_end, 3000);
  EXPECT_EQ(got[0].agent_begin, 4000);
  EXPECT_DOUBLE_EQ(got[0].milliseconds(8000), 125.0);
  EXPECT_EQ(got[1].milliseconds(8000), 100.0);
}

TEST(Responses, leave_out_an_agent_that_talks_over_the_caller) {
  const Spans caller{{1000, 5000}};
  EXPECT_TRUE(responses(caller, Spans{{3000, 4000}}).empty());
  EXPECT_EQ(responses(caller, Spans{{3000, 4000}, {5500, 6000}}).size(), 1U);
  EXPECT_TRUE(responses({}, Spans{{3000, 4000}}).empty());
}

}  // namespace
}  // namespace retell::audio
