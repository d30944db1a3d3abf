// Whisper tiny.en with its real weights, on sentences spoken by flite.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "audio/resampler.hpp"
#include "providers/local/transcript_text.hpp"
#include "providers/local/whisper_engine.hpp"
#include "real_models.hpp"
#include "text/words.hpp"

namespace retell::providers::local {
namespace {

using test::tiny_whisper;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// One decode of 8 kHz sound, whole.
std::string decode(Transcriber& engine, std::span<const std::int16_t> narrow) {
  auto up = audio::Resampler::create(8'000, 16'000).value();
  std::vector<std::int16_t> wide;
  up.process(narrow, wide);
  up.flush(wide);
  TranscriptionJob job;
  std::transform(wide.begin(), wide.end(), std::back_inserter(job.samples),
                 [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
  job.language = "en";
  job.abandon = std::make_shared<std::atomic<bool>>(false);
  std::promise<std::string> promise;
  job.done = [&](core::Result<std::string> text) { promise.set_value(text.value()); };
  EXPECT_TRUE(engine.submit(std::move(job), Priority::caller_waits));
  return promise.get_future().get();
}

// whisper.cpp asks between its stages: the encoder's pass over the sentence is finished, no word is decoded after it.
TEST(WhisperTinyEnglish, an_abandoned_decode_ends_with_the_stage_it_is_in) {
  ASSERT_TRUE(tiny_whisper().warm_up().has_value());
  for (const int after_ms : {0, 20}) {
    TranscriptionJob job;
    job.samples.assign(std::size_t{3} * 16'000, 0.0F);
    for (std::size_t i = 0; i < job.samples.size(); i += 50) job.samples[i] = 0.3F;
    job.language = "en";
    const auto abandon = std::make_shared<std::atomic<bool>>(false);
    job.abandon = abandon;
    std::promise<bool> cancelled;
    job.done = [&](const core::Result<std::string>& text) {
      cancelled.set_value(!text && text.error().code == core::ErrorCode::cancelled);
    };
    ASSERT_TRUE(tiny_whisper().submit(std::move(job), Priority::caller_waits));
    std::this_thread::sleep_for(milliseconds(after_ms));
    const auto asked = SteadyClock::now();
    abandon->store(true);
    EXPECT_TRUE(cancelled.get_future().get());
    const auto took = test::milliseconds_since(asked);
    std::printf("  abandoned after %d ms, free %.1f ms later\n", after_ms, took);
    EXPECT_LT(took, 500);
  }
}

// What a caller says, heard as a call hears it: cut off where he falls silent, with little behind the last word.
TEST(WhisperTinyEnglish, says_every_sentence_once) {
  ASSERT_TRUE(tiny_whisper().warm_up().has_value());
  const auto before = tiny_whisper().repetitions();
  constexpr std::array sentences = {"What is the capital of France?",
                                    "Can you tell me what time it is?",
                                    "What color is the sky?",
                                    "Tell me a long story about a little dog.",
                                    "How do I get to the train station?",
                                    "Wait, please stop.",
                                    "No, I want something else.",
                                    "Yes.",
                                    "I would like to know my balance."};
  std::uint64_t decodes = 0;
  for (const auto* voice : {"rms", "slt", "awb"}) {
    for (const auto* sentence : sentences) {
      for (const int tail_ms : {80, 200}) {
        const auto sound = test::over_telephone(test::spoken(sentence, tail_ms, voice));
        const auto heard = without_haste(decode(tiny_whisper(), sound), static_cast<double>(sound.size()) / 16'000);
        ++decodes;
        const auto words = text::split_words(heard).size();
        EXPECT_LE(words, text::split_words(sentence).size() + 2) << voice << ", " << tail_ms << " ms: " << heard;
      }
    }
  }
  const auto repeated = tiny_whisper().repetitions() - before;
  std::printf("  %llu of %llu decodes had to be cut\n", static_cast<unsigned long long>(repeated),
              static_cast<unsigned long long>(decodes));
  EXPECT_LE(repeated, decodes / 20);
}

}  // namespace
}  // namespace retell::providers::local
