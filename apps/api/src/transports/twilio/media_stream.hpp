// Twilio Media Streams, the JSON that crosses the WebSocket of <Connect><Stream> (Twilio's "WebSocket messages"
// reference): what Twilio sends, parsed, and what it takes, written. Media messages come 50 times a second for each
// call, so both directions have a fast path; every unusual shape goes through a complete JSON parser. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "audio/frame.hpp"
#include "core/result.hpp"

namespace retell::transports::twilio {

struct Connected {};

// The call behind the connection, as Twilio describes it. Only the custom parameters are ours, and they are trusted no
// further than the one-time token among them.
struct StreamStart {
  std::string stream_sid;
  std::string call_sid;
  std::string account_sid;
  std::map<std::string, std::string> parameters;  // of <Parameter>
};

struct Media {
  std::string_view payload;                        // base64; lies in the message, or in the parser until its next call
  std::optional<std::uint64_t> timestamp_ms = {};  // since the stream's start
  bool inbound = true;                             // the caller's track
};
struct MarkReached {
  std::string name;
};
struct Digit {
  char digit = 0;
};
struct Stop {};
struct Unknown {};  // an event that we do not know; to be ignored

using StreamEvent = std::variant<Connected, StreamStart, Media, MarkReached, Digit, Stop, Unknown>;

class StreamParser {
 public:
  // One message. `protocol` for what is no JSON object with an event, or lacks what its event needs, or whose format is
  // not 8 kHz mu-law.
  [[nodiscard]] core::Result<StreamEvent> parse(std::string_view message);

 private:
  std::string payload_;  // of the slow path
};

// Media messages as Twilio writes them: strings without escapes in flat objects, in any order. Nothing for any other
// message, which may still be good. When it gives an answer, the complete parser would have given the same.
[[nodiscard]] std::optional<Media> parse_media_fast(std::string_view message);
// The complete parser alone; `payload` keeps the text that Media refers to.
[[nodiscard]] core::Result<StreamEvent> parse_slowly(std::string_view message, std::string& payload);

// Writes messages to Twilio for one stream.
class StreamWriter {
 public:
  explicit StreamWriter(std::string_view stream_sid);
  [[nodiscard]] std::string media(const audio::AudioFrame& frame) const;  // 8 kHz
  [[nodiscard]] std::string mark(std::string_view name) const;
  [[nodiscard]] const std::string& clear() const { return clear_; }

 private:
  std::string media_head_;
  std::string mark_head_;
  std::string clear_;
};

}  // namespace retell::transports::twilio
