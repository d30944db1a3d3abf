#include "simulator/far_end.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "simulator/bad_agent.hpp"

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
          {When::while_agent_speaks, milliseconds(2'500), Say{tone(0.8)}, "interruption"},
          {When::after_agent, milliseconds(0), Press{'5'}, ""},
          {When::at_once, milliseconds(200), HangUp{}, ""}};
}

// Both sides on one virtual clock, 5 ms a step and no network.
Report run(Fault fault, Script script = conversation()) {
  FarEndOptions options;
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

struct Expected {
  Fault fault;
  const char* check;
};
class BadAgentTest : public testing::TestWithParam<Expected> {};

TEST_P(BadAgentTest, fails_the_check_made_for_its_fault) {
  const auto verdict = judge(run(GetParam().fault));
  EXPECT_TRUE(verdict.failed(GetParam().check)) << reasons(verdict);
}
INSTANTIATE_TEST_SUITE_P(Faults, BadAgentTest,
                         testing::Values(Expected{Fault::bursts, "queue"}, Expected{Fault::ignores_caller, "barge_in"},
                                         Expected{Fault::gaps, "gaps"}, Expected{Fault::dead_air, "answers"},
                                         Expected{Fault::drift, "drift"}, Expected{Fault::garbage, "messages"}),
                         [](const auto& info) { return std::string(info.param.check); });

TEST(FarEnd, a_server_that_says_nothing_does_not_pass_as_connected) {
  Report report;
  EXPECT_TRUE(judge(report).failed("connected"));
}

TEST(CarrierBuffer, answers_a_mark_when_what_came_before_it_has_been_played) {
  CarrierBuffer buffer;
  std::array<std::int16_t, line_frame> frame{};
  buffer.push(tone(0.1), 0);
  buffer.mark("half");
  buffer.push(tone(0.1), 0);
  buffer.mark("all");
  std::vector<std::pair<int, std::string>> reached;
  for (int i = 0; i < 12; ++i) {
    for (const auto& name : buffer.play(frame, i * 20.0)) reached.emplace_back(i, name);
  }
  const std::vector<std::pair<int, std::string>> expected{{4, "half"}, {9, "all"}};
  EXPECT_EQ(reached, expected);
}

TEST(CarrierBuffer, answers_a_mark_at_once_when_nothing_waits) {
  CarrierBuffer buffer;
  std::array<std::int16_t, line_frame> frame{};
  buffer.mark("empty");
  EXPECT_EQ(buffer.play(frame, 0), std::vector<std::string>{"empty"});
}

TEST(CarrierBuffer, a_clear_silences_at_once_and_gives_the_open_marks_back) {
  CarrierBuffer buffer;
  std::array<std::int16_t, line_frame> frame{};
  buffer.push(tone(1), 0);
  buffer.mark("end");
  (void)buffer.play(frame, 0);
  EXPECT_EQ(buffer.clear(), std::vector<std::string>{"end"});
  EXPECT_TRUE(buffer.play(frame, 20).empty());
  EXPECT_TRUE(std::all_of(frame.begin(), frame.end(), [](auto sample) { return sample == 0; }));
  EXPECT_NEAR(buffer.pacing().cleared_ms, 980, 0.1);
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
