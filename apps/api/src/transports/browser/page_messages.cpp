#include "transports/browser/page_messages.hpp"

#include <boost/json/parse.hpp>

#include <bit>
#include <cstring>

#include "audio/dtmf.hpp"

namespace retell::transports::browser {
namespace {

namespace bj = boost::json;

static_assert(std::endian::native == std::endian::little, "sound crosses the wire as it lies in memory");
static_assert(sound_bytes == audio::frame_samples(audio::wideband) * sizeof(std::int16_t));

constexpr std::size_t max_token = 4096;

std::string_view text_of(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

tl::unexpected<core::Error> lacking(const char* field) {
  return core::fail(core::ErrorCode::protocol, "the page's message is incomplete", field);
}

}  // namespace

core::Result<PageMessage> parse_page_message(std::string_view text) {
  boost::system::error_code error;
  const auto value = bj::parse(text, error);
  const auto* object = error ? nullptr : value.if_object();
  if (object == nullptr) return core::fail(core::ErrorCode::protocol, "the page sent no JSON object");
  if (object->contains("access_token")) {
    const auto token = text_of(*object, "access_token");
    if (token.empty() || token.size() > max_token) return lacking("access_token");
    return AccessToken{std::string(token)};
  }
  const auto type = text_of(*object, "type");
  if (type == "mark") {
    const auto* id = object->if_contains("id");
    if (id == nullptr || !id->is_int64() || id->as_int64() < 0) return lacking("id");
    const auto* cleared = object->if_contains("cleared");
    return MarkPlayed{static_cast<std::uint64_t>(id->as_int64()),
                      cleared != nullptr && cleared->is_bool() && cleared->as_bool()};
  }
  if (type == "digit") {
    const auto digit = text_of(*object, "digit");
    if (digit.size() != 1 || !audio::is_dtmf_key(digit[0])) return lacking("digit");
    return KeyPressed{digit[0]};
  }
  if (type == "hang_up") return HangUp{};
  if (type.empty()) return lacking("type");
  return UnknownMessage{};
}

bool read_sound(std::string_view data, audio::AudioFrame& frame) {
  if (data.size() != sound_bytes) return false;
  frame.sample_rate = audio::wideband;
  std::memcpy(frame.data.data(), data.data(), sound_bytes);
  return true;
}

std::string write_sound(const audio::AudioFrame& frame) {
  std::string bytes(sound_bytes, '\0');
  std::memcpy(bytes.data(), frame.data.data(), sound_bytes);
  return bytes;
}

std::string ready_message() { return R"({"type":"ready"})"; }
std::string mark_message(std::uint64_t id) { return R"({"type":"mark","id":)" + std::to_string(id) + "}"; }
std::string clear_message() { return R"({"type":"clear"})"; }

}  // namespace retell::transports::browser
