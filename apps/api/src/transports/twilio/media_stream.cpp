#include "transports/twilio/media_stream.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <charconv>
#include <cstring>

#include "audio/dtmf.hpp"
#include "audio/g711.hpp"
#include "crypto/base64.hpp"

namespace retell::transports::twilio {
namespace {

namespace bj = boost::json;

constexpr std::size_t max_parameters = 32;  // Twilio allows 500 characters in all

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Walks compact JSON: no white space, strings without escapes or control characters.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const auto* close = static_cast<const char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
    if (close == nullptr) return false;
    out = {at_, static_cast<std::size_t>(close - at_)};
    at_ = close + 1;
    return true;
  }
  [[nodiscard]] bool done() const { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
};

// Short texts that JSON would have to escape, or that are not ASCII, are left to the complete parser.
bool plain(std::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c == '\\' || c == 0x7F) return false;
  }
  return true;
}

bool scan_media(Scanner& scanner, Media& media, bool& has_payload) {
  if (!scanner.take('{')) return false;
  do {
    std::string_view key;
    std::string_view value;
    if (!scanner.string(key) || !scanner.take(':') || !scanner.string(value) || !plain(key)) return false;
    if (key == "payload") {
      // Checked whole when it is decoded: a backslash or control character is no base64.
      media.payload = value;
      has_payload = true;
    } else {
      if (!plain(value)) return false;
      if (key == "timestamp") media.timestamp_ms = number(value);
      if (key == "track") media.inbound = value == "inbound";
    }
  } while (scanner.take(','));
  return scanner.take('}');
}

std::string_view text_of(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

const bj::object* object_of(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

tl::unexpected<core::Error> lacking(const char* field) {
  return core::fail(core::ErrorCode::protocol, "the media stream's message is incomplete", field);
}

core::Result<StreamEvent> read_start(const bj::object& message) {
  const auto* start = object_of(message, "start");
  if (start == nullptr) return lacking("start");
  StreamStart result;
  result.stream_sid = text_of(*start, "streamSid");
  if (result.stream_sid.empty()) result.stream_sid = text_of(message, "streamSid");
  if (result.stream_sid.empty()) return lacking("start.streamSid");
  result.call_sid = text_of(*start, "callSid");
  result.account_sid = text_of(*start, "accountSid");
  if (const auto* format = object_of(*start, "mediaFormat")) {
    const auto* rate = format->if_contains("sampleRate");
    const bool narrow = rate == nullptr || (rate->is_int64() && rate->as_int64() == audio::narrowband);
    if (text_of(*format, "encoding") != "audio/x-mulaw" || !narrow) {
      return core::fail(core::ErrorCode::protocol, "the media stream is not 8 kHz mu-law", "start.mediaFormat");
    }
  }
  if (const auto* parameters = object_of(*start, "customParameters")) {
    if (parameters->size() > max_parameters) {
      return core::fail(core::ErrorCode::protocol, "too many parameters", "start.customParameters");
    }
    for (const auto& [name, value] : *parameters) {
      if (const auto* text = value.if_string()) result.parameters.emplace(name, std::string_view(*text));
    }
  }
  return result;
}

core::Result<StreamEvent> read_media(const bj::object& message, std::string& payload) {
  const auto* media = object_of(message, "media");
  const auto* text = media == nullptr ? nullptr : media->if_contains("payload");
  if (text == nullptr || !text->is_string()) return lacking("media.payload");
  payload = std::string_view(text->get_string());
  Media result;
  result.payload = payload;
  result.timestamp_ms = number(text_of(*media, "timestamp"));
  const auto track = text_of(*media, "track");
  result.inbound = track.empty() ? media->if_contains("track") == nullptr : track == "inbound";
  return result;
}

}  // namespace

std::optional<Media> parse_media_fast(std::string_view message) {
  Scanner scanner(message);
  if (!scanner.take('{')) return std::nullopt;
  Media media;
  std::string_view event;
  bool has_payload = false;
  do {
    std::string_view key;
    if (!scanner.string(key) || !plain(key) || !scanner.take(':')) return std::nullopt;
    if (key == "media") {
      media = {};
      has_payload = false;
      if (!scan_media(scanner, media, has_payload)) return std::nullopt;
    } else {
      std::string_view value;
      if (!scanner.string(value) || !plain(value)) return std::nullopt;
      if (key == "event") event = value;
    }
  } while (scanner.take(','));
  if (!scanner.take('}') || !scanner.done() || event != "media" || !has_payload) return std::nullopt;
  if (std::memchr(media.payload.data(), '\\', media.payload.size()) != nullptr) return std::nullopt;
  return media;
}

core::Result<StreamEvent> parse_slowly(std::string_view message, std::string& payload) {
  boost::system::error_code error;
  const auto value = bj::parse(message, error);
  const auto* object = error ? nullptr : value.if_object();
  if (object == nullptr) return core::fail(core::ErrorCode::protocol, "the media stream sent no JSON object");
  const auto event = text_of(*object, "event");
  if (event == "media") return read_media(*object, payload);
  if (event == "connected") return Connected{};
  if (event == "start") return read_start(*object);
  if (event == "stop") return Stop{};
  if (event == "mark") {
    const auto* mark = object_of(*object, "mark");
    if (mark == nullptr) return lacking("mark");
    return MarkReached{std::string(text_of(*mark, "name"))};
  }
  if (event == "dtmf") {
    const auto* dtmf = object_of(*object, "dtmf");
    const auto digit = dtmf == nullptr ? std::string_view() : text_of(*dtmf, "digit");
    if (digit.size() != 1 || !audio::is_dtmf_key(digit[0])) return lacking("dtmf.digit");
    return Digit{digit[0]};
  }
  if (event.empty()) return lacking("event");
  return Unknown{};
}

core::Result<StreamEvent> StreamParser::parse(std::string_view message) {
  if (auto media = parse_media_fast(message)) return *media;
  return parse_slowly(message, payload_);
}

StreamWriter::StreamWriter(std::string_view stream_sid) {
  const auto sid = bj::serialize(bj::value(stream_sid));
  media_head_ = R"({"event":"media","streamSid":)" + sid + R"(,"media":{"payload":")";
  mark_head_ = R"({"event":"mark","streamSid":)" + sid + R"(,"mark":{"name":)";
  clear_ = R"({"event":"clear","streamSid":)" + sid + "}";
}

std::string StreamWriter::media(const audio::AudioFrame& frame) const {
  std::array<std::uint8_t, audio::max_frame_samples> codes{};
  const auto count = audio::ulaw_encode(frame.samples(), codes);
  std::string message;
  message.reserve(media_head_.size() + crypto::base64_size(count) + 3);
  message += media_head_;
  crypto::append_base64({codes.data(), count}, message);
  message += "\"}}";
  return message;
}

std::string StreamWriter::mark(std::string_view name) const {
  return mark_head_ + bj::serialize(bj::value(name)) + "}}";
}

}  // namespace retell::transports::twilio
