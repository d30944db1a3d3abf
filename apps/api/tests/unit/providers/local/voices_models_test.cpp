// The voices: piper with its real weights, flite and espeak-ng, all through LocalInference as a call uses them.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <variant>

#include "audio/resampler.hpp"
#include "providers/local/local_inference.hpp"
#include "providers/local/segment_stt.hpp"
#include "providers/local/whisper_engine.hpp"
#include "real_models.hpp"

namespace retell::providers::local {
namespace {

using SteadyClock = std::chrono::steady_clock;

LocalInference& inference() {
  static LocalInference local{LocalOptions{}};
  return local;
}

struct Spoken {
  std::vector<std::int16_t> samples;
  std::vector<SpokenWord> words;
  double first_ms = 0;
  double total_ms = 0;
  int rate = 16'000;
  [[nodiscard]] double seconds() const { return static_cast<double>(samples.size()) / rate; }
};

Spoken speak(std::string_view engine, TtsOptions options, const std::vector<std::string>& chunks) {
  boost::asio::io_context context;
  options.executor = context.get_executor();
  Spoken spoken;
  spoken.rate = options.sample_rate;
  auto tts = inference().tts(engine, options);
  if (!tts) {
    ADD_FAILURE() << tts.error().message;
    return spoken;
  }
  bool done = false;
  std::uint32_t expected = 0;
  const auto start = SteadyClock::now();
  const auto stream = (*tts)->open([&](TtsEvent event) {
    if (auto* audio = std::get_if<TtsAudio>(&event)) {
      EXPECT_EQ(audio->chunk, expected);
      if (spoken.samples.empty()) spoken.first_ms = test::milliseconds_since(start);
      spoken.samples.insert(spoken.samples.end(), audio->samples.begin(), audio->samples.end());
    }
    if (auto* words = std::get_if<TtsWords>(&event)) {
      spoken.words.insert(spoken.words.end(), words->words.begin(), words->words.end());
    }
    if (std::holds_alternative<TtsChunkDone>(event)) ++expected;
    if (auto* error = std::get_if<TtsError>(&event)) {
      ADD_FAILURE() << error->error.message;
      done = true;
    }
    if (std::holds_alternative<TtsDone>(event)) done = true;
  });
  for (std::uint32_t i = 0; i < chunks.size(); ++i) stream->speak(i, chunks[i]);
  stream->finish();
  EXPECT_TRUE(test::run_until(context, [&] { return done; }));
  spoken.total_ms = test::milliseconds_since(start);
  EXPECT_EQ(expected, chunks.size());
  return spoken;
}

// What Whisper understands of it.
std::string understood(const Spoken& spoken, std::string_view model, std::string language) {
  boost::asio::io_context context;
  SttOptions options;
  options.executor = context.get_executor();
  options.language = std::move(language);
  options.sample_rate = spoken.rate;
  options.model = std::string(model);
  (void)test::model_file(model);
  auto stt = inference().stt("whisper", options).value();
  std::string text;
  bool done = false;
  const auto stream = stt->open([&](SttEvent event) {
    if (auto* settled = std::get_if<SttFinal>(&event)) text += settled->text;
    if (std::holds_alternative<SttFinalized>(event)) done = true;
    if (auto* error = std::get_if<SttError>(&event)) {
      ADD_FAILURE() << error->error.message;
      done = true;
    }
  });
  stream->send(spoken.samples);
  stream->finalize(1);
  EXPECT_TRUE(test::run_until(context, [&] { return done; }));
  return text;
}

constexpr std::string_view sentence = "Good morning, how can I help you today?";

void report(const char* name, const Spoken& spoken) {
  std::printf("  %s: first audio after %.0f ms, %.2f s of audio in %.0f ms (real-time factor %.3f)\n", name,
              spoken.first_ms, spoken.seconds(), spoken.total_ms, spoken.total_ms / 1000 / spoken.seconds());
}

TEST(Voices, flite_is_understood_and_quick) {
  TtsOptions options;
  options.voice = "slt";
  const auto spoken = speak("flite", options, {std::string(sentence), "One moment please."});
  report("flite", spoken);
  EXPECT_GT(spoken.seconds(), 2.0);
  EXPECT_LT(spoken.first_ms, 1'000);
  ASSERT_EQ(spoken.words.size(), 11U);
  EXPECT_EQ(spoken.words[0].text, "Good");
  EXPECT_LT(test::word_errors("Good morning how can I help you today one moment please",
                              understood(spoken, "whisper-tiny.en", "en-US"))
                .errors,
            4);
}

TEST(Voices, piper_is_understood_and_faster_than_speech) {
  (void)test::model_file("piper-en_US-joe-medium");
  TtsOptions options;
  options.voice = "local-joe";
  (void)speak("local", options, {"Hello."});  // loads
  const auto spoken = speak("local", options, {std::string(sentence)});
  report("piper", spoken);
  EXPECT_GT(spoken.seconds(), 1.0);
  EXPECT_LT(spoken.total_ms / 1000, spoken.seconds());
  const auto text = understood(spoken, "whisper-tiny.en", "en-US");
  std::printf("  whisper-tiny.en heard: %s\n", text.c_str());
  EXPECT_LT(test::word_errors(sentence, text).errors, 3);
}

TEST(Voices, piper_speaks_at_the_telephone_s_rate_and_at_other_speeds) {
  (void)test::model_file("piper-en_US-joe-medium");
  TtsOptions options;
  options.voice = "joe";
  options.sample_rate = 8'000;
  const auto normal = speak("local", options, {std::string(sentence)});
  options.speed = 1.6;
  const auto fast = speak("local", options, {std::string(sentence)});
  EXPECT_LT(fast.seconds(), normal.seconds() * 0.85);
}

TEST(Voices, espeak_speaks_portuguese_that_whisper_understands) {
  TtsOptions options;
  options.language = "pt-BR";
  const auto spoken = speak("local", options, {"Bom dia, eu gostaria de marcar uma consulta."});
  report("espeak pt-BR", spoken);
  EXPECT_GT(spoken.seconds(), 1.5);
  const auto text = understood(spoken, "whisper-base", "pt-BR");
  std::printf("  whisper-base heard: %s\n", text.c_str());
  // The robot's voice is hard even for Whisper: what is checked is that both speak Portuguese.
  EXPECT_LT(test::word_errors("Bom dia, eu gostaria de marcar uma consulta", text).errors, 7);
}

TEST(Voices, stop_when_the_stream_is_gone) {
  boost::asio::io_context context;
  TtsOptions options;
  options.executor = context.get_executor();
  auto tts = inference().tts("flite", options).value();
  int events = 0;
  auto stream = tts->open([&](const TtsEvent&) { ++events; });
  for (std::uint32_t i = 0; i < 50; ++i) stream->speak(i, std::string(sentence));
  ASSERT_TRUE(test::run_until(context, [&] { return events > 2; }));
  stream.reset();
  const int before = events;
  // Another call is served at once: the rest of the fifty has been thrown away.
  EXPECT_LT(speak("flite", TtsOptions{}, {"Hello."}).first_ms, 2'000);
  context.restart();
  context.poll();
  EXPECT_EQ(events, before);
}

TEST(Voices, an_unknown_flite_voice_is_an_error_event_and_not_silence) {
  boost::asio::io_context context;
  TtsOptions options;
  options.executor = context.get_executor();
  options.voice = "nobody";
  auto tts = inference().tts("flite", options).value();
  std::string message;
  const auto stream = tts->open([&](TtsEvent event) {
    if (auto* error = std::get_if<TtsError>(&event)) message = error->error.message;
  });
  stream->speak(0, "Hello.");
  EXPECT_TRUE(test::run_until(context, [&] { return !message.empty(); }));
  EXPECT_NE(message.find("slt"), std::string::npos);
}

TEST(PocketSphinx, understands_english_without_a_download) {
  boost::asio::io_context context;
  SttOptions options;
  options.executor = context.get_executor();
  auto stt = inference().stt("pocketsphinx", options).value();
  int errors = 0;
  int words = 0;
  for (const auto said : test::caller_sentences().first(5)) {
    std::string text;
    bool done = false;
    const auto stream = stt->open([&](SttEvent event) {
      if (auto* settled = std::get_if<SttFinal>(&event)) text += settled->text;
      if (std::holds_alternative<SttFinalized>(event)) done = true;
    });
    stream->send(test::spoken(said));
    stream->finalize(1);
    ASSERT_TRUE(test::run_until(context, [&] { return done; }));
    const auto wrong = test::word_errors(said, text);
    errors += wrong.errors;
    words += wrong.words;
  }
  std::printf("  PocketSphinx: WER %.1f %%\n", 100.0 * errors / words);
  EXPECT_LT(errors * 4, words);
  options.language = "pt-BR";
  EXPECT_FALSE(inference().stt("pocketsphinx", options).has_value());
}

TEST(LocalInference, says_what_to_pull_when_a_model_is_absent) {
  LocalOptions options;
  options.cache = std::filesystem::temp_directory_path() / "retell-no-models";
  LocalInference empty(options);
  boost::asio::io_context context;
  LlmOptions llm;
  llm.executor = context.get_executor();
  EXPECT_NE(empty.llm(llm).error().message.find("retell models pull"), std::string::npos);
  EXPECT_FALSE(empty.end_of_turn(context.get_executor()).has_value());
  // It still hears and speaks English.
  SttOptions stt;
  stt.executor = context.get_executor();
  EXPECT_EQ(empty.stt("local", stt).value()->name(), "pocketsphinx");
  TtsOptions tts;
  tts.executor = context.get_executor();
  EXPECT_EQ(empty.tts("local", tts).value()->name(), "flite");
}

TEST(LocalInference, takes_a_model_that_understands_the_caller) {
  LocalOptions options;
  options.cache = std::filesystem::temp_directory_path() / "retell-no-models";
  options.stt_model = "whisper-tiny.en";
  LocalInference empty(options);
  boost::asio::io_context context;
  SttOptions stt;
  stt.executor = context.get_executor();
  stt.language = "pt-BR";
  stt.model = "nova-3";  // another vendor's
  EXPECT_NE(empty.stt("whisper", stt).error().message.find("whisper-base"), std::string::npos);
  stt.model = "large-v3-turbo";
  EXPECT_NE(empty.stt("whisper", stt).error().message.find("whisper-large-v3-turbo"), std::string::npos);
  stt.language = "en-GB";
  stt.model.clear();
  EXPECT_NE(empty.stt("whisper", stt).error().message.find("whisper-tiny.en"), std::string::npos);
}

}  // namespace
}  // namespace retell::providers::local
