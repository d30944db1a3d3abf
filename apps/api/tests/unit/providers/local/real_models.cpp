#include "real_models.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "audio/g711.hpp"
#include "audio/resampler.hpp"
#include "providers/local/flite_voice.hpp"
#include "providers/local/model_store.hpp"
#include "providers/local/whisper_engine.hpp"

namespace retell::test {
namespace {

using namespace providers::local;  // NOLINT(google-build-using-namespace): this file is about nothing else

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0 || c == '\'' || letter >= 0x80) {
      word += static_cast<char>(std::tolower(letter));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

}  // namespace

std::filesystem::path model_file(std::string_view name) {
  ModelStore store(builtin_manifest(), ModelStore::default_cache_dir());
  if (auto pulled = store.pull(name); !pulled) {
    ADD_FAILURE() << pulled.error().message;
    return {};
  }
  return store.path(name).value();
}

WhisperEngine& tiny_whisper() {
  static WhisperEngine engine({model_file("whisper-tiny.en"), 1, 1, 64, {}});
  return engine;
}

std::span<const std::string_view> caller_sentences() {
  static constexpr std::array<std::string_view, 20> sentences = {
      "I would like to book an appointment for tomorrow morning",
      "what is the status of my order",
      "can you please transfer me to a real person",
      "my name is John and I am calling about my bill",
      "yes that sounds good to me",
      "no I do not want to cancel my subscription",
      "could you repeat that a little more slowly please",
      "I forgot the password of my account",
      "how much does the service cost per month",
      "the package was delivered to the wrong address",
      "I will be there on Friday afternoon",
      "do you have anything available next week",
      "please send the confirmation to my email",
      "I have been waiting for almost an hour",
      "thank you very much for your help",
      "is there a discount for new customers",
      "my phone does not turn on anymore",
      "I need to change the date of my flight",
      "we are a family of two adults and one child",
      "who am I speaking with right now"};
  return sentences;
}

std::vector<std::int16_t> spoken(std::string_view sentence, int tail_ms, std::string_view voice) {
  FliteVoice flite;
  std::vector<std::int16_t> samples(4800, 0);
  SynthesisRequest request;
  request.text = std::string(sentence);
  request.voice = std::string(voice);
  const auto made = flite.synthesize(0, request, [&](std::span<const std::int16_t> piece, int rate) {
    EXPECT_EQ(rate, 16'000);
    samples.insert(samples.end(), piece.begin(), piece.end());
    return true;
  });
  EXPECT_TRUE(made.has_value());
  samples.resize(samples.size() + static_cast<std::size_t>(tail_ms) * 16);
  return samples;
}

std::vector<std::int16_t> over_telephone(std::span<const std::int16_t> wideband) {
  auto down = audio::Resampler::create(16'000, 8'000).value();
  std::vector<std::int16_t> narrow;
  down.process(wideband, narrow);
  for (auto& sample : narrow) sample = audio::ulaw_decode(audio::ulaw_encode(sample));
  return narrow;
}

WordErrors word_errors(std::string_view said, std::string_view heard) {
  const auto a = words_of(said);
  const auto b = words_of(heard);
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return {row.back(), static_cast<int>(a.size())};
}

bool run_until(boost::asio::io_context& context, const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto work = boost::asio::make_work_guard(context);
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    context.restart();
    context.run_one_for(std::chrono::milliseconds(10));
  }
  return true;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace retell::test
