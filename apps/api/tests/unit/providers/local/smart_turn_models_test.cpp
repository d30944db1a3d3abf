// Smart Turn with its real weights.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <memory>

#include "audio/resampler.hpp"
#include "providers/local/smart_turn.hpp"
#include "real_models.hpp"

namespace retell::providers::local {
namespace {

SmartTurnEngine& engine() {
  static SmartTurnEngine smart_turn(test::model_file("smart-turn-v3.2"), 1);
  return smart_turn;
}

// Three seconds of a buzz whose pitch falls or rises, in integers so that it is the same everywhere.
std::vector<std::int16_t> buzz(bool falling) {
  std::vector<std::int16_t> samples(48'000);
  for (int n = 0; n < 48'000; ++n) {
    const int period = 100 + (falling ? n / 600 : 80 - n / 600);
    samples[static_cast<std::size_t>(n)] = static_cast<std::int16_t>((n * 7919 / period % 200 - 100) * 40);
  }
  return samples;
}

TEST(SmartTurnModel, equals_the_reference_implementation) {
  // From the model's own Python code, with numpy features.
  EXPECT_NEAR(engine().judge(buzz(true), 16'000).value(), 0.7722F, 0.02F);
  EXPECT_NEAR(engine().judge(buzz(false), 16'000).value(), 0.7434F, 0.02F);
}

TEST(SmartTurnModel, tells_a_finished_sentence_from_a_broken_one) {
  int finished = 0;
  int broken = 0;
  for (const auto sentence : test::caller_sentences()) {
    const auto whole = test::spoken(sentence, 200);
    const auto half = test::spoken(std::string(sentence.substr(0, sentence.rfind(' '))) + " and um", 200);
    const float end = engine().judge(whole, 16'000).value();
    const float middle = engine().judge(std::span(half).first(half.size() - 3200 - 4800), 16'000).value();
    finished += end > 0.5F ? 1 : 0;
    broken += middle > 0.5F ? 1 : 0;
  }
  std::printf("  judged finished: %d of 20 whole sentences, %d of 20 broken ones\n", finished, broken);
  EXPECT_GT(finished, broken);
}

TEST(SmartTurnModel, thinks_alike_of_a_telephone_s_sound) {
  for (const bool falling : {true, false}) {
    auto down = audio::Resampler::create(16'000, 8'000).value();
    auto up = audio::Resampler::create(8'000, 16'000).value();
    std::vector<std::int16_t> narrow;
    down.process(buzz(falling), narrow);
    down.flush(narrow);
    std::vector<std::int16_t> wide;
    up.process(narrow, wide);
    up.flush(wide);
    EXPECT_NEAR(engine().judge(narrow, 8'000).value(), engine().judge(wide, 16'000).value(), 1e-4F);
  }
}

TEST(SmartTurnModel, answers_in_time_and_on_the_asker_s_executor) {
  ASSERT_TRUE(engine().warm_up().has_value());
  boost::asio::io_context context;
  SmartTurn turn(engine(), context.get_executor());
  const auto audio = test::spoken(test::caller_sentences()[0]);
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    bool answered = false;
    const auto start = std::chrono::steady_clock::now();
    turn.ask(audio, 16'000, [&](float) { answered = true; });
    ASSERT_TRUE(test::run_until(context, [&] { return answered; }));
    best = std::min(best, test::milliseconds_since(start));
  }
  std::printf("  answered after %.0f ms at best\n", best);
  EXPECT_LT(best, 250);
}

TEST(SmartTurnModel, keeps_silent_about_questions_nobody_asks_any_more) {
  boost::asio::io_context context;
  int answers = 0;
  {
    SmartTurn turn(engine(), context.get_executor());
    turn.ask(buzz(true), 16'000, [&](float) { ++answers; });
    turn.ask(buzz(false), 16'000, [&](float) { answers += 10; });
    ASSERT_TRUE(test::run_until(context, [&] { return answers != 0; }));
    EXPECT_EQ(answers, 10);
    turn.ask(buzz(true), 16'000, [&](float) { ++answers; });
  }
  EXPECT_TRUE(engine().judge(buzz(true), 16'000).has_value());
  context.restart();
  context.run_for(std::chrono::milliseconds(300));
  EXPECT_EQ(answers, 10);
}

}  // namespace
}  // namespace retell::providers::local
