#include "engine/latency.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "audio/voiced.hpp"
#include "audio/wav.hpp"
#include "support/paths.hpp"
#include "support/run.hpp"

namespace retell::engine {
namespace {

using core::Millis;

constexpr int rate = 8000;
constexpr core::TimePoint zero{std::chrono::hours(1)};
core::TimePoint at(int ms) { return zero + Millis(ms); }

turn::TurnTimed moments() {
  turn::TurnTimed timed;
  timed.turn = 3;
  timed.speech_ended = at(0);
  timed.transcript = at(180);
  timed.decided = at(500);
  timed.asked = at(500);
  timed.first_token = at(750);
  timed.first_clause = at(820);
  timed.first_audio = at(940);
  timed.audible = at(960);
  return timed;
}

double sum(const TurnLatency& l) {
  return l.transcript_ms + l.end_of_turn_ms + l.model_first_token_ms + l.first_clause_ms + l.synthesis_first_byte_ms +
         l.transport_ms;
}

TEST(Latency, tells_where_the_time_went) {
  const auto latency = to_latency(moments());
  EXPECT_EQ(latency.turn, 3U);
  EXPECT_EQ(latency.heard_ms, 960);
  EXPECT_EQ(latency.transcript_ms, 180);
  EXPECT_EQ(latency.end_of_turn_ms, 320);
  EXPECT_EQ(latency.model_first_token_ms, 250);
  EXPECT_EQ(latency.first_clause_ms, 70);
  EXPECT_EQ(latency.synthesis_first_byte_ms, 120);
  EXPECT_EQ(latency.transport_ms, 20);
  EXPECT_EQ(sum(latency), latency.heard_ms);
}

TEST(Latency, what_the_recording_adds_is_the_way_to_the_ear) {
  auto latency = to_latency(moments());
  correct(latency, 1010);
  EXPECT_EQ(latency.heard_ms, 1010);
  EXPECT_EQ(latency.transport_ms, 70);
  EXPECT_EQ(sum(latency), latency.heard_ms);
  correct(latency, 900);  // the caller's last sound ended later than the voice detector thought
  EXPECT_EQ(latency.transport_ms, 0);
  EXPECT_EQ(latency.synthesis_first_byte_ms, 80);
  EXPECT_EQ(sum(latency), latency.heard_ms);
}

TEST(Latency, a_guess_costs_nothing_while_the_turn_is_still_waited_for) {
  auto timed = moments();
  timed.asked = at(150);
  timed.first_token = at(400);
  timed.first_clause = at(470);
  timed.first_audio = at(590);
  timed.audible = at(600);
  const auto latency = to_latency(timed);
  EXPECT_EQ(latency.model_first_token_ms, 0);
  EXPECT_EQ(latency.first_clause_ms, 0);
  EXPECT_EQ(latency.synthesis_first_byte_ms, 90);
  EXPECT_EQ(sum(latency), 600);
}

TEST(Latency, words_that_were_there_before_or_came_after_the_decision) {
  auto timed = moments();
  timed.transcript = at(-300);
  EXPECT_EQ(to_latency(timed).transcript_ms, 0);
  EXPECT_EQ(to_latency(timed).end_of_turn_ms, 500);
  timed.transcript = at(700);
  EXPECT_EQ(to_latency(timed).transcript_ms, 500);
  EXPECT_EQ(to_latency(timed).end_of_turn_ms, 0);
}

TEST(Latency, what_did_not_happen_is_not_known) {
  turn::TurnTimed opening;
  opening.decided = at(0);
  opening.audible = at(100);
  const auto latency = to_latency(opening);
  EXPECT_LT(latency.heard_ms, 0);
  EXPECT_LT(latency.end_of_turn_ms, 0);
  EXPECT_LT(latency.transcript_ms, 0);
}

// A recording in which the caller's voice ends at `said_ms` and the agent's tone begins at `answered_ms`, each several
// times.
class Recording {
 public:
  explicit Recording(double seconds) : caller_(samples(seconds * 1000)), agent_(samples(seconds * 1000)) {}
  void turn(double said_ms, double answered_ms) {
    static const auto voice = [] {
      const auto all = audio::read_wav(test::data_file("vad/speech_8k.wav")).value().mono();
      const auto spans = audio::voiced_spans(all, rate);
      return std::vector<std::int16_t>(all.begin() + spans.front().begin, all.begin() + spans.front().end);
    }();
    const auto end = samples(said_ms);
    std::copy(voice.begin(), voice.end(), caller_.begin() + static_cast<std::ptrdiff_t>(end - voice.size()));
    for (std::size_t i = 0; i < samples(800); ++i) {
      agent_[samples(answered_ms) + i] =
          static_cast<std::int16_t>(8000 * std::sin(2 * std::numbers::pi * 400 * static_cast<double>(i) / rate));
    }
  }
  void write(const std::string& path) const {
    auto file = audio::WavWriter::create(path, rate, 2).value();
    std::vector<std::int16_t> both;
    for (std::size_t i = 0; i < caller_.size(); ++i) both.insert(both.end(), {caller_[i], agent_[i]});
    ASSERT_TRUE(file.write(both));
    ASSERT_TRUE(file.close());
  }

 private:
  static std::size_t samples(double ms) { return static_cast<std::size_t>(ms * rate / 1000); }
  std::vector<std::int16_t> caller_;
  std::vector<std::int16_t> agent_;
};

TEST(MeasureRecording, finds_each_turn_wherever_it_lies) {
  const test::TemporaryFolder folder;
  const auto path = (folder.path() / "call.wav").string();
  Recording recording(130);
  recording.turn(10'000, 10'640);
  recording.turn(59'800, 60'300);  // over the border of two pieces
  recording.turn(120'500, 121'250);
  recording.write(path);
  const auto heard = measure_recording(path, {{1, 10'650}, {2, 60'280}, {3, 121'260}, {4, 90'000}}).value();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_NEAR(heard[0].heard_ms, 640, 25);
  EXPECT_NEAR(heard[1].heard_ms, 500, 25);
  EXPECT_NEAR(heard[2].heard_ms, 750, 25);
  EXPECT_EQ(heard[1].turn, 2U);
}

TEST(MeasureRecording, refuses_what_has_not_two_sides) {
  const test::TemporaryFolder folder;
  const auto path = (folder.path() / "mono.wav").string();
  ASSERT_TRUE(audio::WavWriter::create(path, rate, 1).value().close());
  EXPECT_FALSE(measure_recording(path, {}));
  EXPECT_FALSE(measure_recording((folder.path() / "none.wav").string(), {}));
}

}  // namespace
}  // namespace retell::engine
