// Whisper tiny.en and base with their real weights, on sentences spoken by flite.
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <variant>

#include "audio/resampler.hpp"
#include "providers/local/segment_stt.hpp"
#include "providers/local/transcript_text.hpp"
#include "providers/local/whisper_engine.hpp"
#include "real_models.hpp"
#include "text/words.hpp"

namespace retell::providers::local {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

WhisperEngine& tiny() {
  static WhisperEngine engine({test::model_file("whisper-tiny.en"), 1, 1, 64, {}});
  return engine;
}

struct Heard {
  std::string text;
  double final_ms = 0;  // from finalize() to the final text
  int partials = 0;
};

// Streams `samples` as a call would, 20 ms at a time and in real time, then `pause_ms` of silence, then finalize().
Heard listen(Transcriber& engine, std::span<const std::int16_t> samples, SttOptions options, int pause_ms) {
  boost::asio::io_context context;
  options.executor = context.get_executor();
  SegmentStt stt(engine, options);
  Heard heard;
  bool finalized = false;
  auto stream = stt.open([&](SttEvent event) {
    if (std::holds_alternative<SttPartial>(event)) ++heard.partials;
    if (auto* settled = std::get_if<SttFinal>(&event)) heard.text += (heard.text.empty() ? "" : " ") + settled->text;
    if (std::holds_alternative<SttFinalized>(event)) finalized = true;
    if (auto* error = std::get_if<SttError>(&event)) ADD_FAILURE() << error->error.message;
  });
  const auto frame = static_cast<std::size_t>(options.sample_rate / 50);
  std::vector<std::int16_t> all(samples.begin(), samples.end());
  all.resize(all.size() + static_cast<std::size_t>(options.sample_rate) * static_cast<std::size_t>(pause_ms) / 1000);
  const auto work = boost::asio::make_work_guard(context);
  auto next = SteadyClock::now();
  for (std::size_t at = 0; at + frame <= all.size(); at += frame) {
    stream->send(std::span(all).subspan(at, frame));
    next += milliseconds(20);
    context.restart();
    context.run_until(next);
  }
  const auto asked = SteadyClock::now();
  stream->finalize(7);
  EXPECT_TRUE(test::run_until(context, [&] { return finalized; }));
  heard.final_ms = test::milliseconds_since(asked);
  return heard;
}

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

struct Score {
  int errors = 0;
  int words = 0;
  std::vector<double> finals;
  [[nodiscard]] double percent() const { return 100.0 * errors / words; }
};

Score score(Transcriber& engine, bool telephone, int pause_ms, std::size_t sentences) {
  Score total;
  for (const auto sentence : test::caller_sentences().first(sentences)) {
    auto audio = test::spoken(sentence);
    SttOptions options;
    if (telephone) {
      audio = test::over_telephone(audio);
      options.sample_rate = 8'000;
    }
    const auto heard = listen(engine, audio, options, pause_ms);
    const auto errors = test::word_errors(sentence, heard.text);
    total.errors += errors.errors;
    total.words += errors.words;
    total.finals.push_back(heard.final_ms);
    std::printf("  %-58s| %s (%d errors, final after %.0f ms, %d partials)\n", std::string(sentence).c_str(),
                heard.text.c_str(), errors.errors, heard.final_ms, heard.partials);
  }
  std::sort(total.finals.begin(), total.finals.end());
  std::printf("  WER %.1f %%, final p50 %.0f ms, max %.0f ms\n", total.percent(), total.finals[total.finals.size() / 2],
              total.finals.back());
  return total;
}

TEST(WhisperTinyEnglish, understands_a_wideband_caller) {
  ASSERT_TRUE(tiny().warm_up().has_value());
  const auto total = score(tiny(), false, 0, 20);
  EXPECT_LT(total.percent(), 12.0);
}

TEST(WhisperTinyEnglish, has_the_final_text_when_the_turn_is_judged_over_on_the_telephone) {
  ASSERT_TRUE(tiny().warm_up().has_value());
  const auto total = score(tiny(), true, 500, 10);
  EXPECT_LT(total.percent(), 20.0);
}

// whisper.cpp asks between its stages: the encoder's pass over the sentence is finished, no word is decoded after it.
TEST(WhisperTinyEnglish, an_abandoned_decode_ends_with_the_stage_it_is_in) {
  ASSERT_TRUE(tiny().warm_up().has_value());
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
    ASSERT_TRUE(tiny().submit(std::move(job), Priority::caller_waits));
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
  ASSERT_TRUE(tiny().warm_up().has_value());
  const auto before = tiny().repetitions();
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
        const auto heard = without_haste(decode(tiny(), sound), static_cast<double>(sound.size()) / 16'000);
        ++decodes;
        const auto words = text::split_words(heard).size();
        EXPECT_LE(words, text::split_words(sentence).size() + 2) << voice << ", " << tail_ms << " ms: " << heard;
      }
    }
  }
  const auto repeated = tiny().repetitions() - before;
  std::printf("  %llu of %llu decodes had to be cut\n", static_cast<unsigned long long>(repeated),
              static_cast<unsigned long long>(decodes));
  EXPECT_LE(repeated, decodes / 20);
}

}  // namespace
}  // namespace retell::providers::local
