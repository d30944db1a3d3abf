#include "conversation.hpp"
#include "engine/call_phrases.hpp"

namespace retell::test {
namespace {

using engine::EndReason;
using engine::farewell;

TEST(WholeCall, greets_at_once_and_whole) {
  Conversation c;
  c.run(1500ms);
  EXPECT_EQ(c.ended->reason, EndReason::user_hangup);
  EXPECT_EQ(c.lines(), "agent: Hello there.\n");
  const auto spans = c.heard_spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_LT(c.to_ms(spans[0].begin), c.within(120));
  EXPECT_NEAR(c.to_ms(spans[0].end - spans[0].begin), 12 * 40, c.within(45));
  EXPECT_LE(c.far->deepest, 10U);
}

TEST(WholeCall, answers_a_question_and_measures_as_the_far_end_does) {
  Conversation c;
  TemporaryFolder folder;
  c.plan.recording_path = (folder.path() / "call.wav").string();
  c.at(900, [](auto& k) { k.far->say(voice(1200)); });
  c.run(4s);
  EXPECT_EQ(c.lines(), "agent: Hello there.\nuser: How are you today?\nagent: Fine, thank you.\n");
  const auto agent = c.heard_spans();
  ASSERT_EQ(agent.size(), 2U);
  const auto caller = audio::voiced_spans(c.far->said, line_rate);
  ASSERT_FALSE(caller.empty());
  const double waited = c.to_ms(agent[1].begin - caller.back().end);
  ASSERT_FALSE(c.ended->latencies.empty());
  EXPECT_NEAR(c.ended->latencies.back().heard_ms, waited, c.within(40));
  EXPECT_LT(waited, c.within(1500));

  // The recording: two channels, aligned with what the far end said and heard.
  ASSERT_EQ(c.ended->recording_path, c.plan.recording_path);
  const auto wav = audio::read_wav(c.ended->recording_path);
  ASSERT_TRUE(wav);
  EXPECT_EQ(wav->channels, 2);
  const auto left = audio::voiced_spans(wav->channel(0), line_rate);
  const auto right = audio::audible_spans(wav->channel(1), line_rate);
  ASSERT_EQ(right.size(), 2U);
  ASSERT_EQ(left.size(), caller.size());
  // The far end's own clock starts when it is connected, a moment after the call's: compare distances.
  const auto shift = right[0].begin - agent[0].begin;
  EXPECT_LT(std::abs(c.to_ms(shift)), c.within(40));
  EXPECT_NEAR(c.to_ms(right[1].begin), c.to_ms(agent[1].begin + shift), c.within(20));
  EXPECT_NEAR(c.to_ms(left.back().end), c.to_ms(caller.back().end + shift), c.within(40));
  EXPECT_NEAR(wav->seconds(), static_cast<double>(c.far->heard.size()) / line_rate, c.within(100) / 1000);
}

TEST(WholeCall, works_without_marks) {
  Conversation c;
  c.with_marks = false;
  c.at(900, [](auto& k) { k.far->say(voice(1200)); });
  c.run(4s);
  EXPECT_EQ(c.lines(), "agent: Hello there.\nuser: How are you today?\nagent: Fine, thank you.\n");
}

TEST(WholeCall, an_interruption_stops_the_sound_and_keeps_only_the_heard_words) {
  Conversation c;
  c.plan.dialogue.begin_message =
      "Good morning and welcome to the office of the nice people who answer every question at great length.";
  c.stt.lines = {"Stop, I need a doctor now please."};
  c.at(1200, [](auto& k) { k.far->say(voice(1500)); });
  c.run(6s);
  ASSERT_GE(c.ended->transcript.size(), 3U) << c.lines();
  const auto& greeting = c.ended->transcript[0];
  EXPECT_TRUE(greeting.interrupted);
  EXPECT_LT(greeting.content.size(), 70U) << greeting.content;
  EXPECT_GT(greeting.content.size(), 15U) << greeting.content;
  const auto spans = c.heard_spans();
  ASSERT_GE(spans.size(), 2U);
  // What the transcript says is what had sounded, to a word.
  EXPECT_NEAR(c.to_ms(spans[0].end - spans[0].begin), static_cast<double>(greeting.content.size()) * 40, c.within(500));
  // Silent soon after the voice began.
  EXPECT_LT(c.to_ms(spans[0].end), c.within(1200 + 1000));
  EXPECT_EQ(c.ended->transcript.back().content, "Fine, thank you.");
}

TEST(WholeCall, a_cough_pauses_and_the_agent_goes_on) {
  Conversation c;
  c.plan.dialogue.begin_message = "Good morning and welcome to the office of the nice people.";
  c.stt.lines = {""};
  c.at(900, [](auto& k) { k.far->say(voice(350)); });
  c.run(5500ms);
  EXPECT_EQ(c.lines(), "agent: Good morning and welcome to the office of the nice people.\n");
}

TEST(WholeCall, a_reply_that_the_caller_talked_over_never_sounds) {
  Conversation c;
  int asked = 0;
  c.llm.answer = [&](const providers::LlmRequest&) {
    return ++asked == 1 ? Answer{.text = "A stale answer.", .delay = 900ms} : Answer{"The fresh answer."};
  };
  c.stt.lines = {"I want to book a table.", "For four people tonight."};
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.at(2500, [](auto& k) { k.far->say(voice(1200)); });
  c.run(8s);
  EXPECT_EQ(c.lines().find("stale"), std::string::npos) << c.lines();
  EXPECT_NE(c.lines().find("The fresh answer."), std::string::npos) << c.lines();
}

TEST(WholeCall, the_first_word_reaches_the_transcriber_whole) {
  Conversation c;
  c.at(1300, [](auto& k) { k.far->say(voice(1000)); });
  c.run(4s);
  // Every sample of the line, silence and onset included, in order.
  const auto first_loud = [](const std::vector<std::int16_t>& samples) {
    return std::ranges::find_if(samples, [](std::int16_t s) { return std::abs(static_cast<int>(s)) > 300; });
  };
  const auto said = first_loud(c.far->said);
  const auto heard = first_loud(c.stt.samples);
  ASSERT_NE(said, c.far->said.end());
  const auto before = std::min(said - c.far->said.begin(), heard - c.stt.samples.begin());
  ASSERT_GE(before, 300 * line_rate / 1000);
  EXPECT_TRUE(std::equal(said - before, said + 8 * line_rate / 10, heard - before));
}

TEST(WholeCall, the_learned_detector_hears_the_line_at_its_own_rate) {
  Conversation c;
  c.plan.hearing.end_of_turn = "judge";
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(4s);
  ASSERT_FALSE(c.end_of_turn.asked.empty());
  const auto& [asked, rate] = c.end_of_turn.asked.front();
  EXPECT_EQ(rate, line_rate);  // brought to the model's rate on the model's thread
  // As long as the call so far, and as loud.
  const double seconds = static_cast<double>(asked.size()) / line_rate;
  EXPECT_NEAR(seconds, 2.1, c.within(350) / 1000);
  const auto spans = audio::voiced_spans(asked, line_rate);
  ASSERT_FALSE(spans.empty());
  EXPECT_NEAR(static_cast<double>(spans.back().end - spans.front().begin) / line_rate, 1.0, c.within(150) / 1000);
}

TEST(WholeCall, a_greeting_is_made_once_for_all_calls) {
  Conversation c;
  c.run(1500ms);
  const int streams = c.tts.streams;
  EXPECT_GE(streams, 1);
  c.run(1500ms);
  EXPECT_EQ(c.tts.streams, streams);
  EXPECT_EQ(c.lines(), "agent: Hello there.\n");
  EXPECT_LT(c.to_ms(c.heard_spans().front().begin), c.within(60));
}

TEST(WholeCall, hanging_up_waits_for_the_good_bye) {
  Conversation c;
  engine::ToolPlan tool;
  tool.type = engine::ToolPlan::Type::end_call;
  tool.name = "end_call";
  c.plan.dialogue.tools = {tool};
  c.llm.answer = [](const auto&) { return Answer{.text = "Good bye, then.", .calls = {{"t1", "end_call", "{}"}}}; };
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(8s);
  EXPECT_EQ(c.ended->reason, EndReason::agent_hangup);
  const auto spans = c.heard_spans();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_NEAR(c.to_ms(spans[1].end - spans[1].begin), 15 * 40, c.within(60));
}

TEST(WholeCall, keys_cut_the_agent_and_are_answered_as_the_agents_settings_say) {
  Conversation c;
  c.plan.dialogue.begin_message = "A very long greeting that nobody will ever hear to its end, I am afraid.";
  c.plan.turns.keys_interrupt = true;
  c.plan.turns.keys.digit_limit = 2;
  c.at(900, [](auto& k) {
    k.far->press('4');
    k.far->press('2');
  });
  c.run(3s);
  EXPECT_NE(c.lines().find("dtmf: 42\nagent: Fine, thank you.\n"), std::string::npos) << c.lines();
  ASSERT_FALSE(c.ended->transcript.empty());
  EXPECT_TRUE(c.ended->transcript[0].interrupted) << c.lines();
}

TEST(WholeCall, keys_are_not_heard_when_the_agent_may_not_hear_them) {
  Conversation c;
  c.plan.turns.hears_keys = false;
  c.at(900, [](auto& k) { k.far->press('4'); });
  c.run(4s);
  EXPECT_EQ(c.lines(), "agent: Hello there.\n");
}

TEST(WholeCall, silence_brings_a_reminder_and_then_the_end) {
  Conversation c;
  c.plan.turns.reminder_trigger = 800ms;
  c.plan.turns.end_call_after_silence = 3000ms;
  c.llm.answer = [](const auto&) { return Answer{"Are you there?"}; };
  c.run(10s);
  EXPECT_EQ(c.ended->reason, EndReason::inactivity);
  EXPECT_EQ(c.lines(), "agent: Hello there.\nagent: Are you there?\n");
}

TEST(WholeCall, ends_at_its_longest_duration) {
  Conversation c;
  c.plan.turns.max_call_duration = 1000ms;
  c.run(6s);
  EXPECT_EQ(c.ended->reason, EndReason::max_duration_reached);
  EXPECT_NEAR(static_cast<double>(core::epoch_ms(c.ended->ended) - core::epoch_ms(c.ended->started)), 1000,
              c.within(60));
}

TEST(WholeCall, the_caller_may_leave_in_the_middle_of_a_word) {
  Conversation c;
  c.plan.dialogue.begin_message = "A very long greeting that nobody will ever hear to its end, I am afraid.";
  c.at(700, [](auto& k) { k.far->leave(); });
  c.run(4s);
  EXPECT_EQ(c.ended->reason, EndReason::user_hangup);
  ASSERT_EQ(c.ended->transcript.size(), 1U);
  EXPECT_LT(c.ended->transcript[0].content.size(), 30U);
}

TEST(WholeCall, draining_lets_the_sentence_end) {
  Conversation c;
  c.at(300, [](auto& k) { k.session->drain(6s); });
  c.run(8s);
  EXPECT_EQ(c.ended->reason, EndReason::server_shutdown);
  EXPECT_EQ(c.lines(), "agent: Hello there.\nagent: " + farewell("en-US") + "\n");
}

TEST(WholeCall, draining_takes_leave_of_a_caller_who_waits_or_speaks) {
  for (const auto* language : {"en-US", "pt-BR"}) {
    Conversation c;
    c.plan.language = language;
    c.at(900, [](auto& k) { k.far->say(voice(3000)); });
    c.at(2000, [](auto& k) { k.session->drain(6s); });
    c.run(8s);
    EXPECT_EQ(c.ended->reason, EndReason::server_shutdown);
    EXPECT_NE(c.lines().find("agent: " + farewell(language) + "\n"), std::string::npos) << c.lines();
  }
}

TEST(WholeCall, draining_leaves_time_for_the_farewell_behind_a_long_story) {
  Conversation c;
  std::string story = "Once upon a time";
  for (int i = 0; i < 20; ++i) story += " there was a little dog";
  c.plan.dialogue.begin_message = story + ".";
  c.at(300, [](auto& k) { k.session->drain(5s); });
  c.run(8s);
  EXPECT_EQ(c.ended->reason, EndReason::server_shutdown);
  ASSERT_EQ(c.ended->transcript.size(), 2U) << c.lines();
  EXPECT_LT(c.ended->transcript[0].content.size(), 60U) << c.lines();
  EXPECT_EQ(c.ended->transcript[1].content, farewell("en-US"));
  EXPECT_FALSE(c.ended->transcript[1].interrupted);
}

TEST(WholeCall, draining_ends_with_the_grace_however_much_is_left_to_say) {
  Conversation c;
  c.plan.dialogue.begin_message = "A very long greeting that nobody will ever hear to its end, I am afraid.";
  c.at(300, [](auto& k) { k.session->drain(1s); });
  c.run(5s);
  EXPECT_EQ(c.ended->reason, EndReason::server_shutdown);
  EXPECT_EQ(c.lines().find("Please call again"), std::string::npos) << c.lines();
}

TEST(WholeCall, stopping_it_cuts_the_words) {
  Conversation c;
  c.plan.dialogue.begin_message = "A very long greeting that nobody will ever hear to its end, I am afraid.";
  c.at(900, [](auto& k) { k.session->end(EndReason::manual_stop); });
  c.run(5s);
  EXPECT_EQ(c.ended->reason, EndReason::manual_stop);
  EXPECT_STREQ(disconnection_reason(c.ended->reason), "manual_stopped");
  const auto spans = c.heard_spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_LT(c.to_ms(spans[0].end), c.within(900 + 150));
  ASSERT_EQ(c.ended->transcript.size(), 1U);
  EXPECT_TRUE(c.ended->transcript[0].interrupted);
  EXPECT_NEAR(c.to_ms(spans[0].end - spans[0].begin), static_cast<double>(c.ended->transcript[0].content.size()) * 40,
              c.within(250));
}

TEST(WholeCall, a_price_that_was_half_heard_is_not_in_the_transcript) {
  Conversation c;
  // Read as "It is one thousand two hundred thirty-four dollars and fifty-six cents, all included."
  c.plan.dialogue.begin_message = "It is $1,234.56, all included.";
  c.tts.leading_silence_ms = 400;  // the voice counts its words' times from there
  c.plan.turns.begin_message_delay = 400ms;
  c.at(1500, [](auto& k) { k.session->end(EndReason::manual_stop); });
  c.run(5s);
  ASSERT_EQ(c.ended->transcript.size(), 1U);
  EXPECT_EQ(c.ended->transcript[0].content, "It is");
  ASSERT_EQ(c.ended->transcript[0].words.size(), 2U);
  const auto spans = c.heard_spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_NEAR(c.ended->transcript[0].words[0].start * 1000, c.to_ms(spans[0].begin), c.within(100));
}

TEST(WholeCall, a_reply_of_which_nothing_can_be_spoken_hands_the_turn_back) {
  Conversation c;
  c.llm.answer = [](const auto&) { return Answer{"<break time=\"1s\"/>"}; };
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(8s);
  EXPECT_EQ(c.ended->reason, EndReason::user_hangup);
  EXPECT_EQ(c.lines(), "agent: Hello there.\nuser: How are you today?\n");
  EXPECT_TRUE(c.ended->failovers.empty());
}

}  // namespace
}  // namespace retell::test
