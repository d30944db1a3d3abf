#include "simulator/far_end.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "audio/wav.hpp"
#include "simulator/bad_agent.hpp"
#include "simulator/caller.hpp"
#include "support/run.hpp"

namespace retell::simulator {
namespace {

std::vector<std::int16_t> tone(double seconds) {
  std::vector<std::int16_t> samples(static_cast<std::size_t>(seconds * line_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<std::int16_t>(
        std::lround(6000 * std::sin(2 * std::numbers::pi * 300 * static_cast<double>(i) / line_rate)));
  }
  return samples;
}

// One question after the greeting, an interruption of the answer, a key, the end.
Script conversation() {
  return {{When::after_agent, milliseconds(0), Say{tone(1.0)}, "question"},
          {When::while_agent_speaks, milliseconds(2'800), Say{tone(1.4)}, "interruption"},
          {When::after_agent, milliseconds(0), Press{'5'}, ""},
          {When::at_once, milliseconds(200), HangUp{}, ""}};
}

// Both sides on one virtual clock, 5 ms a step and no network.
Report run(Fault fault, Script script = conversation(), FarEndOptions options = {}) {
  options.patience = milliseconds(6'000);
  FarEnd far_end(options, std::move(script));
  BadAgent agent(fault);
  const auto to_agent = [&](const FarEnd::Messages& messages, double now) {
    for (const auto& message : messages) {
      for (const auto& answer : agent.on_message(message)) far_end.on_message(answer, now);
    }
  };
  to_agent(far_end.open(), 0);
  for (int step = 0; !far_end.done() && step < 40'000; ++step) {
    const double now = step * 5.0;
    if (step % 4 == 0) to_agent(far_end.tick(), now);
    for (const auto& message : agent.tick(now)) far_end.on_message(message, now);
  }
  return far_end.report();
}

std::string reasons(const Verdict& verdict) {
  std::string text;
  for (const auto& check : verdict.checks)
    text += (check.passed ? "ok   " : "FAIL ") + check.name + ": " + check.detail + "\n";
  return text;
}

TEST(FarEnd, an_agent_without_fault_passes_every_check) {
  const auto report = run(Fault::none);
  const auto verdict = judge(report);
  EXPECT_TRUE(verdict.passed()) << reasons(verdict);
  ASSERT_EQ(report.turns.size(), 2U);
  // It answers 400 ms after the caller's last voiced frame, plus the carrier's two frames.
  EXPECT_NEAR(report.turns[0].heard_ms, 440, 60);
  ASSERT_EQ(report.barge_ins.size(), 1U);
  EXPECT_NEAR(report.barge_ins[0].cut_ms, 100, 60);
  EXPECT_EQ(report.pacing.clears, 1U);
  EXPECT_EQ(report.ended_by, "caller");
  EXPECT_EQ(report.channels.caller.size(), report.channels.agent.size());
}

// What is said after so many milliseconds stands there in its channel, to the sample, and both channels are as long as
// the call.
TEST(FarEnd, the_channels_keep_the_clock_of_the_call) {
  const auto report = run(Fault::none, {{When::at_once, milliseconds(1'000), Say{tone(0.5)}, "words"},
                                        {When::at_once, milliseconds(2'000), HangUp{}, ""}});
  const auto& caller = report.channels.caller;
  const auto audible = [](std::int16_t sample) { return sample != 0; };
  const auto first = std::find_if(caller.begin(), caller.end(), audible) - caller.begin();
  const auto last = std::find_if(caller.rbegin(), caller.rend(), audible).base() - caller.begin();
  EXPECT_NEAR(static_cast<double>(first), 1.0 * line_rate, 1);  // a sine begins with 0
  EXPECT_NEAR(static_cast<double>(last), 1.5 * line_rate, 1);
  EXPECT_EQ(report.channels.agent.size(), caller.size());
  EXPECT_NEAR(static_cast<double>(caller.size()), 3.5 * line_rate, line_frame);
  EXPECT_NEAR(report.seconds, 3.5, 0.021);

  const test::TemporaryFolder folder;
  const auto path = (folder.path() / "call.wav").string();
  ASSERT_TRUE(write_recording(path, report.channels).has_value());
  const auto wav = audio::read_wav(path);
  ASSERT_TRUE(wav.has_value());
  EXPECT_EQ(wav->sample_rate, line_rate);
  EXPECT_EQ(wav->channel(0), caller);
  EXPECT_EQ(wav->channel(1), report.channels.agent);
}

TEST(FarEnd, leaves_when_it_is_told_to_at_the_first_cut) {
  FarEndOptions options;
  options.leave_when_cut = true;
  const auto report = run(Fault::none, conversation(), options);
  EXPECT_EQ(report.pacing.clears, 1U);
  EXPECT_EQ(report.ended_by, "caller");
  EXPECT_LT(report.seconds, run(Fault::none).seconds - 1);
}

struct Expected {
  Fault fault;
  const char* name;
  const char* checks;  // that it must fail; every other one must pass, or a check would tell nothing
};
class BadAgentTest : public testing::TestWithParam<Expected> {};

TEST(FarEnd, hangs_up_in_the_middle_of_a_word_when_it_is_told_to) {
  FarEnd far_end({}, {{When::at_once, milliseconds(0), Say{tone(5.0)}, "a long sentence"}});
  (void)far_end.open();
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(far_end.tick().empty());
  far_end.hang_up();
  EXPECT_TRUE(far_end.done());
  EXPECT_TRUE(far_end.tick().empty());
  ASSERT_EQ(far_end.close().size(), 1U);
  EXPECT_NE(far_end.close().front().find(R"("event":"stop")"), std::string::npos);
  const auto report = far_end.report();
  EXPECT_EQ(report.ended_by, "caller");
  EXPECT_NEAR(report.seconds, 1.0, 0.05);
  ASSERT_EQ(report.spoken.size(), 1U);
  EXPECT_EQ(report.spoken[0].end, static_cast<std::int64_t>(report.channels.caller.size()));
}

TEST_P(BadAgentTest, fails_the_checks_made_for_its_fault_and_no_others) {
  const auto verdict = judge(run(GetParam().fault));
  std::string failed;
  for (const auto& check : verdict.checks) {
    if (!check.passed) failed += (failed.empty() ? "" : " ") + check.name;
  }
  EXPECT_EQ(failed, GetParam().checks) << reasons(verdict);
}
INSTANTIATE_TEST_SUITE_P(Faults, BadAgentTest,
                         testing::Values(Expected{Fault::mute, "mute", "connected answers"},
                                         // It has nothing left to stop when the caller speaks.
                                         Expected{Fault::whole_sentences, "whole_sentences", "barge_in queue bursts"},
                                         // The last lump is ahead of its time.
                                         Expected{Fault::lumps, "lumps", "bursts drift"},
                                         Expected{Fault::ignores_caller, "ignores_caller", "barge_in"},
                                         Expected{Fault::slow_to_stop, "slow_to_stop", "barge_in"},
                                         // The caller ends under the agent's voice, so that no answer begins after him.
                                         Expected{Fault::talks_over, "talks_over", "answers barge_in"},
                                         // What is left out makes the rest come later.
                                         Expected{Fault::gaps, "gaps", "gaps drift"},
                                         Expected{Fault::dead_air, "dead_air", "answers"},
                                         Expected{Fault::slow_to_answer, "slow_to_answer", "answers"},
                                         Expected{Fault::drift, "drift", "drift"},
                                         Expected{Fault::garbage, "garbage", "messages"},
                                         Expected{Fault::nameless_marks, "nameless_marks", "messages"}),
                         [](const auto& info) { return std::string(info.param.name); });

// Tones at the given seconds in four seconds of silence.
std::vector<std::int16_t> channel(const std::vector<std::pair<double, double>>& spans) {
  std::vector<std::int16_t> samples(std::size_t{4} * line_rate);
  for (const auto& [from, to] : spans) {
    const auto sound = tone(to - from);
    std::copy(sound.begin(), sound.end(), samples.begin() + static_cast<std::ptrdiff_t>(from * line_rate));
  }
  return samples;
}

Report overlap(const std::vector<std::pair<double, double>>& agent,
               const std::vector<std::pair<double, double>>& caller) {
  Report report;
  report.channels = {channel(caller), channel(agent)};
  const auto at = [](double seconds) { return static_cast<std::int64_t>(seconds * line_rate); };
  report.spoken.push_back({"words", at(caller.front().first), at(caller.back().second), true, false});
  measure(report);
  return report;
}

TEST(Measure, tells_when_the_agent_fell_silent) {
  const auto report = overlap({{0, 1.25}}, {{1, 2}});
  ASSERT_EQ(report.barge_ins.size(), 1U);
  EXPECT_NEAR(report.barge_ins[0].cut_ms, 250, 5);
  EXPECT_FALSE(report.barge_ins[0].resumed);
}

TEST(Measure, tells_an_agent_that_goes_on_into_the_callers_words) {
  EXPECT_TRUE(overlap({{0, 1.2}, {1.6, 3}}, {{1, 2}}).barge_ins.at(0).resumed);
  EXPECT_FALSE(overlap({{0, 1.2}, {2.4, 3}}, {{1, 2}}).barge_ins.at(0).resumed);
  // Into a pause of the caller's: hasty, but not talking over him.
  EXPECT_FALSE(overlap({{0, 1.2}, {2.0, 2.3}}, {{1, 1.6}, {2.5, 3}}).barge_ins.at(0).resumed);
}

TEST(Measure, an_agent_that_never_stops_is_told_so) {
  EXPECT_LT(overlap({{0, 4}}, {{1, 2}}).barge_ins.at(0).cut_ms, 0);
}

TEST(Measure, an_agent_that_was_silent_already_was_not_interrupted) {
  EXPECT_TRUE(overlap({{0, 0.9}}, {{1, 2}}).barge_ins.empty());
  EXPECT_TRUE(overlap({{0, 0.9}, {2.5, 3}}, {{1, 2}}).barge_ins.empty());
}

TEST(CarrierBuffer, a_pause_between_sentences_is_no_gap) {
  CarrierBuffer buffer;
  std::array<std::int16_t, line_frame> frame{};
  buffer.push(tone(0.1), 0);
  for (int i = 0; i < 30; ++i) (void)buffer.play(frame, i * 20.0);
  buffer.push(tone(0.1), 600);
  EXPECT_EQ(buffer.pacing().gaps, 0U);
  for (int i = 30; i < 38; ++i) (void)buffer.play(frame, i * 20.0);
  buffer.push(tone(0.1), 800);
  EXPECT_EQ(buffer.pacing().gaps, 1U);
}

}  // namespace
}  // namespace retell::simulator
