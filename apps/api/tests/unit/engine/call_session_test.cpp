#include "engine/call_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/call_phrases.hpp"
#include "session_harness.hpp"

namespace retell::engine::test {
namespace {

std::string lines(const CallEnded& ended, Utterance::Role role) {
  std::string out;
  for (const auto& line : ended.transcript) {
    if (line.role == role) out += (out.empty() ? "" : " | ") + line.content;
  }
  return out;
}

TEST(CallSession, greets_and_ends_when_the_caller_hangs_up) {
  Harness harness;
  const auto ended = harness.call([](MemoryTransport& line, CallSession&) -> core::Task<void> {
    co_await core::sleep_for(1200ms);
    line.close("");
  });
  EXPECT_EQ(ended.reason, EndReason::user_hangup);
  EXPECT_EQ(lines(ended, Utterance::Role::agent), "Hello there.");
  EXPECT_GT(ended.media.frames_out, 20U);
  const auto wav = audio::read_wav(ended.recording_path).value();
  EXPECT_EQ(wav.channels, 2);
  EXPECT_NEAR(wav.seconds(), 1.2, 0.2);
}

TEST(CallSession, answers_a_question_and_measures_what_the_caller_waited) {
  Harness harness;
  harness.script.answers[""] = "It is sunny today.";
  const auto ended = harness.call([](MemoryTransport& line, CallSession&) -> core::Task<void> {
    co_await core::sleep_for(900ms);
    line.say(Harness::speech());
    co_await core::sleep_for(9s);
    line.close("");
  });
  EXPECT_NE(lines(ended, Utterance::Role::user).find("weather"), std::string::npos);
  EXPECT_NE(lines(ended, Utterance::Role::agent).find("It is sunny today."), std::string::npos);
  ASSERT_FALSE(ended.latencies.empty());
  EXPECT_GT(ended.latencies.front().heard_ms, 50);
  EXPECT_LT(ended.latencies.front().heard_ms, 1500);
}

TEST(CallSession, an_interruption_clears_the_line_and_keeps_only_the_words_that_were_heard) {
  Harness harness;
  harness.plan.dialogue.begin_message =
      "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
      "eighteen nineteen twenty twenty-one twenty-two twenty-three twenty-four.";
  harness.script.heard = {"Stop, please."};
  harness.script.answers[""] = "Fine.";
  const auto ended = harness.call([](MemoryTransport& line, CallSession&) -> core::Task<void> {
    co_await core::sleep_for(1500ms);
    line.say(Harness::speech());
    co_await core::sleep_for(9s);
    line.close("");
  });
  const auto said = lines(ended, Utterance::Role::agent);
  EXPECT_NE(said.find("three"), std::string::npos) << said;
  EXPECT_EQ(said.find("twenty-four"), std::string::npos) << said;
  EXPECT_TRUE(
      std::any_of(ended.transcript.begin(), ended.transcript.end(), [](const auto& line) { return line.interrupted; }));
}

TEST(CallSession, says_goodbye_before_its_own_hang_up) {
  Harness harness;
  ToolPlan bye;
  bye.type = ToolPlan::Type::end_call;
  bye.name = "end_call";
  bye.execution_message = "Goodbye then.";
  harness.plan.dialogue.tools = {bye};
  harness.script.tool_calls = {{"t1", "end_call", "{}"}};
  const auto ended = harness.call([](MemoryTransport& line, CallSession&) -> core::Task<void> {
    co_await core::sleep_for(900ms);
    line.say(Harness::speech());
    co_await core::sleep_for(20s);
  });
  EXPECT_EQ(ended.reason, EndReason::agent_hangup);
  EXPECT_NE(lines(ended, Utterance::Role::agent).find("Goodbye then."), std::string::npos);
}

TEST(CallSession, a_dead_voice_is_replaced_and_the_greeting_still_heard) {
  Harness harness;
  harness.script.dead_voice = "voice";
  harness.plan.speech.fallbacks = {{"spare", ""}};
  const auto ended = harness.call([](MemoryTransport& line, CallSession&) -> core::Task<void> {
    co_await core::sleep_for(2500ms);
    line.close("");
  });
  EXPECT_EQ(lines(ended, Utterance::Role::agent), "Hello there.");
  ASSERT_EQ(ended.failovers.size(), 1U);
  EXPECT_EQ(ended.failovers.front(), "tts: voice -> spare");
}

TEST(CallSession, without_any_voice_it_gives_up_instead_of_being_silent_for_ever) {
  Harness harness;
  harness.script.dead_voice = "voice";
  const auto ended =
      harness.call([](MemoryTransport&, CallSession&) -> core::Task<void> { co_await core::sleep_for(25s); });
  EXPECT_EQ(ended.reason, EndReason::error_tts);
}

TEST(CallSession, stops_when_it_is_told_to) {
  Harness harness;
  const auto ended = harness.call([](MemoryTransport&, CallSession& session) -> core::Task<void> {
    co_await core::sleep_for(500ms);
    session.end(EndReason::manual_stop);
  });
  EXPECT_EQ(ended.reason, EndReason::manual_stop);
}

TEST(CallSession, drains_after_the_sentence_that_is_being_said) {
  Harness harness;
  const auto ended = harness.call([](MemoryTransport&, CallSession& session) -> core::Task<void> {
    co_await core::sleep_for(200ms);
    session.drain(6s);
  });
  EXPECT_EQ(ended.reason, EndReason::server_shutdown);
  EXPECT_EQ(lines(ended, Utterance::Role::agent), "Hello there. | " + farewell("en-US"));
}

}  // namespace
}  // namespace retell::engine::test
