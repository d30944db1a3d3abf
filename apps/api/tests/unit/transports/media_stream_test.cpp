#include "transports/twilio/media_stream.hpp"

#include <gtest/gtest.h>

#include "audio/g711.hpp"
#include "crypto/encoding.hpp"

namespace retell::transports::twilio {
namespace {

// As in Twilio's reference for WebSocket messages.
constexpr auto media =
    R"({"event":"media","sequenceNumber":"3","media":{"track":"inbound","chunk":"1","timestamp":"5","payload":"//8="},"streamSid":"MZ1"})";
constexpr auto start =
    R"({"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"token":"abc","name":"Zoë"}},"streamSid":"MZ1"})";

template <class T>
T parse(std::string_view text) {
  static StreamParser parser;
  auto event = parser.parse(text);
  if (!event) {
    ADD_FAILURE() << event.error().message << " " << event.error().field;
    return {};
  }
  if (!std::holds_alternative<T>(*event)) {
    ADD_FAILURE() << "another event, number " << event->index();
    return {};
  }
  return std::get<T>(*event);
}

TEST(MediaStream, reads_media_on_the_fast_path) {
  const auto fast = parse_media_fast(media);
  ASSERT_TRUE(fast.has_value());
  EXPECT_EQ(fast->payload, "//8=");
  EXPECT_EQ(fast->timestamp_ms, 5U);
  EXPECT_TRUE(fast->inbound);
}

TEST(MediaStream, reads_unusual_media_by_the_complete_parser_with_the_same_result) {
  // White space, an escaped slash, a number where Twilio writes text, another order.
  const std::vector<std::string> unusual{
      R"({ "event": "media", "media": { "track": "inbound", "timestamp": "5", "payload": "//8=" } })",
      R"({"event":"media","media":{"track":"inbound","timestamp":"5","payload":"\/\/8="}})",
      R"({"event":"media","sequenceNumber":3,"media":{"track":"inbound","timestamp":"5","payload":"//8="}})"};
  for (const auto& text : unusual) {
    EXPECT_FALSE(parse_media_fast(text).has_value()) << text;
    const auto slow = parse<Media>(text);
    EXPECT_EQ(slow.payload, "//8=");
    EXPECT_EQ(slow.timestamp_ms, 5U);
  }
  EXPECT_TRUE(parse_media_fast(R"({"media":{"payload":"//8="},"event":"media"})").has_value());
}

TEST(MediaStream, is_not_fooled_by_a_payload_that_lies_elsewhere_in_the_message) {
  EXPECT_EQ(parse<Media>(R"({"event":"media","payload":"AAAA","media":{"payload":"//8="}})").payload, "//8=");
  EXPECT_FALSE(parse_media_fast(R"({"event":"mark","media":{"payload":"//8="}})").has_value());
  StreamParser parser;
  EXPECT_FALSE(parser.parse(R"({"event":"media","payload":"AAAA"})").has_value());
}

TEST(MediaStream, tells_the_agents_own_track_from_the_callers) {
  EXPECT_FALSE(parse<Media>(R"({"event":"media","media":{"track":"outbound","payload":"//8="}})").inbound);
}

TEST(MediaStream, reads_the_start_with_its_parameters) {
  const auto event = parse<StreamStart>(start);
  EXPECT_EQ(event.stream_sid, "MZ1");
  EXPECT_EQ(event.call_sid, "CA1");
  EXPECT_EQ(event.account_sid, "AC1");
  EXPECT_EQ(event.parameters.at("token"), "abc");
  EXPECT_EQ(event.parameters.at("name"), "Zoë");
}

TEST(MediaStream, refuses_a_stream_of_another_format) {
  StreamParser parser;
  const auto event = parser.parse(
      R"({"event":"start","start":{"streamSid":"MZ1","mediaFormat":{"encoding":"audio/x-l16","sampleRate":16000}}})");
  ASSERT_FALSE(event.has_value());
  EXPECT_EQ(event.error().field, "start.mediaFormat");
}

TEST(MediaStream, reads_every_other_event) {
  parse<Connected>(R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
  EXPECT_EQ(parse<MarkReached>(R"({"event":"mark","streamSid":"MZ1","mark":{"name":"7"}})").name, "7");
  EXPECT_EQ(parse<Digit>(R"({"event":"dtmf","dtmf":{"track":"inbound_track","digit":"#"}})").digit, '#');
  parse<Stop>(R"({"event":"stop","stop":{"callSid":"CA1"}})");
  parse<Unknown>(R"({"event":"something new"})");
}

TEST(MediaStream, refuses_what_is_no_message) {
  StreamParser parser;
  for (const auto* text : {"", "[]", "{", "nonsense", "{}", R"({"event":1})", R"({"event":"media"})",
                           R"({"event":"media","media":"x"})", R"({"event":"start"})", R"({"event":"mark"})",
                           R"({"event":"dtmf","dtmf":{"digit":"12"}})", R"({"event":"dtmf","dtmf":{"digit":"x"}})"}) {
    EXPECT_FALSE(parser.parse(text).has_value()) << text;
  }
}

TEST(MediaStream, writes_media_that_holds_the_frames_mu_law) {
  audio::AudioFrame frame(audio::narrowband);
  for (std::size_t i = 0; i < frame.size(); ++i) frame.samples()[i] = static_cast<std::int16_t>(200 * i);
  std::vector<std::uint8_t> codes(frame.size());
  audio::ulaw_encode(frame.samples(), codes);
  const StreamWriter writer("MZ1");
  const auto message = writer.media(frame);
  EXPECT_EQ(message, R"({"event":"media","streamSid":"MZ1","media":{"payload":")" +
                         crypto::to_base64({reinterpret_cast<const char*>(codes.data()), codes.size()}) + "\"}}");
}

TEST(MediaStream, writes_marks_and_clears) {
  const StreamWriter writer("MZ1");
  EXPECT_EQ(writer.mark("7"), R"({"event":"mark","streamSid":"MZ1","mark":{"name":"7"}})");
  EXPECT_EQ(writer.clear(), R"({"event":"clear","streamSid":"MZ1"})");
  EXPECT_EQ(StreamWriter(R"(M"Z)").clear(), R"({"event":"clear","streamSid":"M\"Z"})");
}

}  // namespace
}  // namespace retell::transports::twilio
