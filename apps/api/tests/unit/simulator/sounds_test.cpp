#include "simulator/sounds.hpp"

#include <gtest/gtest.h>

#include "audio/frame.hpp"
#include "audio/voiced.hpp"
#include "simulator/carrier_buffer.hpp"

namespace retell::simulator {
namespace {

class Sounds : public testing::TestWithParam<Sound> {};

TEST_P(Sounds, can_be_heard_and_do_not_clip) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const auto sound = make_sound(GetParam(), seed);
    EXPECT_FALSE(audio::audible_spans(sound, line_rate).empty());
    EXPECT_GT(sound.size(), 0.15 * line_rate);
    EXPECT_LT(sound.size(), 3.5 * line_rate);
    for (const auto sample : sound) ASSERT_LT(std::abs(static_cast<int>(sample)), 32'000);
  }
}

TEST_P(Sounds, are_the_same_for_a_seed_and_others_for_another) {
  EXPECT_EQ(make_sound(GetParam(), 1), make_sound(GetParam(), 1));
  EXPECT_NE(make_sound(GetParam(), 1), make_sound(GetParam(), 2));
}

INSTANTIATE_TEST_SUITE_P(All, Sounds,
                         testing::Values(Sound::hum, Sound::cough, Sound::throat, Sound::slam, Sound::keys,
                                         Sound::rustle, Sound::street),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(Sound, a_cough_comes_in_two_bursts_and_the_street_is_steady) {
  audio::VoicedOptions apart;
  apart.join_ms = 60;
  EXPECT_EQ(audio::audible_spans(make_sound(Sound::cough, 1), line_rate, apart).size(), 2U);
  EXPECT_EQ(audio::audible_spans(make_sound(Sound::street, 1), line_rate, apart).size(), 1U);
}

}  // namespace
}  // namespace retell::simulator
