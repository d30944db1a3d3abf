// Whisper tiny.en with its real weights hears callers as they speak: in real time, so this waits more than it computes
// and runs beside the other tests of real models.
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <variant>

#include "providers/local/segment_stt.hpp"
#include "providers/local/whisper_engine.hpp"
#include "real_models.hpp"

namespace retell::providers::local {
namespace {

using test::tiny_whisper;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

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
  ASSERT_TRUE(tiny_whisper().warm_up().has_value());
  const auto total = score(tiny_whisper(), false, 0, 20);
  EXPECT_LT(total.percent(), 12.0);
}

TEST(WhisperTinyEnglish, has_the_final_text_when_the_turn_is_judged_over_on_the_telephone) {
  ASSERT_TRUE(tiny_whisper().warm_up().has_value());
  const auto total = score(tiny_whisper(), true, 500, 10);
  EXPECT_LT(total.percent(), 20.0);
}

}  // namespace
}  // namespace retell::providers::local
