#include "app/commands/transcribe.hpp"

#include <gtest/gtest.h>

#include "audio/wav.hpp"
#include "support/paths.hpp"

namespace retell::app {
namespace {

constexpr std::size_t second = 16'000;

std::vector<std::int16_t> speech() {
  auto wav = audio::read_wav(test::data_file("vad/speech_16k.wav"));
  EXPECT_TRUE(wav.has_value());
  return wav->samples;
}

std::vector<std::int16_t> silence(std::size_t samples) {
  std::vector<std::int16_t> out(samples);
  return out;
}

void append(std::vector<std::int16_t>& to, const std::vector<std::int16_t>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

TEST(SpokenSpans, silence_has_none) {
  EXPECT_TRUE(spoken_spans(silence(10 * second)).empty());
  EXPECT_TRUE(spoken_spans({}).empty());
}

TEST(SpokenSpans, a_long_silence_parts_what_is_said_and_is_not_in_it) {
  const auto said = speech();
  auto sound = silence(2 * second);
  append(sound, said);
  append(sound, silence(3 * second));
  const std::size_t again = sound.size();
  append(sound, said);
  append(sound, silence(2 * second));
  const auto spans = spoken_spans(sound);
  ASSERT_GE(spans.size(), 2U);
  EXPECT_GE(spans.front().from, second);
  for (std::size_t i = 1; i < spans.size(); ++i) EXPECT_LE(spans[i - 1].to, spans[i].from);
  for (const auto& span : spans) {
    const bool one_side = span.to <= again - second || span.from >= again - second;
    EXPECT_TRUE(one_side) << span.from << ".." << span.to;
  }
}

TEST(SpokenSpans, speech_without_end_is_cut_into_what_a_transcriber_takes) {
  std::vector<std::int16_t> sound;
  while (sound.size() < 90 * second) append(sound, speech());
  std::size_t covered = 0;
  for (const auto& span : spoken_spans(sound)) {
    EXPECT_LE(span.to - span.from, 28 * second + second / 2);
    covered += span.to - span.from;
  }
  EXPECT_GT(covered, 60 * second);
}

}  // namespace
}  // namespace retell::app
