#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "transports/browser/call_updates.hpp"
#include "transports/browser/page_messages.hpp"

namespace retell::transports::browser {
namespace {

TEST(PageMessages, reads_what_the_page_says) {
  EXPECT_EQ(std::get<AccessToken>(*parse_page_message(R"({"access_token":"t"})")).token, "t");
  const auto mark = std::get<MarkPlayed>(*parse_page_message(R"({"type":"mark","id":7,"cleared":true})"));
  EXPECT_EQ(mark.id, 7U);
  EXPECT_TRUE(mark.cleared);
  EXPECT_EQ(std::get<KeyPressed>(*parse_page_message(R"({"type":"digit","digit":"*"})")).digit, '*');
  EXPECT_TRUE(std::holds_alternative<HangUp>(*parse_page_message(R"({"type":"hang_up"})")));
  EXPECT_TRUE(std::holds_alternative<UnknownMessage>(*parse_page_message(R"({"type":"later"})")));
}

TEST(PageMessages, refuses_what_is_incomplete) {
  for (const auto* text : {"", "7", "{}", R"({"access_token":""})", R"({"access_token":1})", R"({"type":"mark"})",
                           R"({"type":"mark","id":-1})", R"({"type":"digit","digit":"x"})"}) {
    EXPECT_FALSE(parse_page_message(text).has_value()) << text;
  }
}

TEST(PageMessages, sound_survives_the_wire_and_other_lengths_are_refused) {
  audio::AudioFrame frame;
  for (std::size_t i = 0; i < frame.size(); ++i) frame.samples()[i] = static_cast<std::int16_t>(100 * i - 16000);
  const auto bytes = write_sound(frame);
  EXPECT_EQ(bytes.size(), sound_bytes);
  audio::AudioFrame back;
  ASSERT_TRUE(read_sound(bytes, back));
  EXPECT_EQ(back, frame);
  EXPECT_FALSE(read_sound(bytes.substr(1), back));
  EXPECT_FALSE(read_sound({}, back));
}

TEST(CallUpdates, shows_unknown_waits_as_null_and_rounds_the_rest) {
  engine::TurnLatency latency;
  latency.turn = 3;
  latency.heard_ms = 640.4;
  const auto update = call_update(engine::TurnMeasured{latency});
  ASSERT_TRUE(update.has_value());
  const auto json = boost::json::parse(*update);
  EXPECT_EQ(json.at("type").as_string(), "latency");
  EXPECT_EQ(json.at("latency").at("heard_ms").as_int64(), 640);
  EXPECT_TRUE(json.at("latency").at("transcript_ms").is_null());
}

TEST(CallUpdates, shows_words_while_they_come_and_where_the_agent_was_cut) {
  const auto live = call_update(engine::LiveText{engine::Utterance::Role::user, "olá \"você\"", false, 2});
  ASSERT_TRUE(live.has_value());
  EXPECT_EQ(boost::json::parse(*live).at("text").as_string(), "olá \"você\"");
  engine::Utterance line;
  line.content = "Good mor";
  line.interrupted = true;
  const auto transcript = call_update(engine::TranscriptUpdated{{line}});
  ASSERT_TRUE(transcript.has_value());
  EXPECT_TRUE(boost::json::parse(*transcript).at("transcript").at(0).at("interrupted").as_bool());
  EXPECT_FALSE(call_update(engine::CallStarted{}).has_value());
}

}  // namespace
}  // namespace retell::transports::browser
