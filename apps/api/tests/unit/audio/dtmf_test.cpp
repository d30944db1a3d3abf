#include "audio/dtmf.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "audio/g711.hpp"
#include "audio/wav.hpp"
#include "support/paths.hpp"

namespace retell::audio {
namespace {

using Samples = std::vector<std::int16_t>;

std::string hear(const Samples& samples, int rate) {
  DtmfDetector detector(rate);
  std::string keys;
  const std::size_t size = frame_samples(rate);
  for (std::size_t i = 0; i + size <= samples.size(); i += size) {
    if (const auto key = detector.push(AudioFrame(rate, std::span(samples).subspan(i, size)))) keys += *key;
  }
  return keys;
}

class DtmfAt : public testing::TestWithParam<int> {};

TEST_P(DtmfAt, hears_every_key_that_is_made) {
  const std::string all = "1234567890*#ABCD5551100";
  EXPECT_EQ(hear(dtmf_tones(all, GetParam()), GetParam()), all);
}

TEST_P(DtmfAt, hears_keys_at_any_offset_to_the_frames) {
  for (std::size_t offset = 0; offset < 160; offset += 13) {
    Samples line(offset);
    const auto tones = dtmf_tones("159", GetParam(), 80, 80);
    line.insert(line.end(), tones.begin(), tones.end());
    line.resize(line.size() + 1000);
    EXPECT_EQ(hear(line, GetParam()), "159") << offset;
  }
}

TEST_P(DtmfAt, hears_keys_through_mulaw_noise_and_loss_of_level) {
  Samples line = dtmf_tones("2580#", GetParam());
  std::minstd_rand random(2);
  for (auto& s : line) {
    s = static_cast<std::int16_t>(s / 8 + static_cast<int>(random() % 101U) - 50);
    s = ulaw_decode(ulaw_encode(s));
  }
  EXPECT_EQ(hear(line, GetParam()), "2580#");
}

TEST_P(DtmfAt, tells_a_held_key_once) { EXPECT_EQ(hear(dtmf_tones("7", GetParam(), 2000), GetParam()), "7"); }

TEST_P(DtmfAt, hears_no_keys_in_speech_or_noise) {
  const auto wav = read_wav(test::data_file("vad/speech_" + std::to_string(GetParam() / 1000) + "k.wav"));
  ASSERT_TRUE(wav.has_value());
  EXPECT_EQ(hear(wav->samples, GetParam()), "");
  std::minstd_rand random(9);
  Samples noise(static_cast<std::size_t>(10 * GetParam()));
  for (auto& s : noise) s = static_cast<std::int16_t>(static_cast<int>(random() % 20001U) - 10000);
  EXPECT_EQ(hear(noise, GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(Rates, DtmfAt, testing::Values(8000, 16000), testing::PrintToStringParamName());

TEST(Dtmf, pauses_for_what_is_no_key) {
  EXPECT_EQ(dtmf_tones("1,2", 8000).size(), 2U * (800 + 800) + 4000);
  EXPECT_TRUE(dtmf_tones("", 8000).empty());
  EXPECT_TRUE(is_dtmf_key('#'));
  EXPECT_FALSE(is_dtmf_key('E'));
  EXPECT_FALSE(is_dtmf_key('\0'));
}

}  // namespace
}  // namespace retell::audio
