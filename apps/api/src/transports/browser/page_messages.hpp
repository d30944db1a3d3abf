// What the call page and the server say to each other on their WebSocket.
//
// Sound: binary messages of exactly 640 bytes, 20 ms of 16 kHz mono 16-bit PCM, little-endian, without a header, both
// ways. Everything else is JSON text:
//
//   page -> server
//     {"access_token": "..."}              the first message; the token is good once and for one call. A page that
//                                          opens /media/web/<access_token> is heard sooner: the server then knows
//                                          where the call is kept ready
//     {"type": "mark", "id": 7, "cleared": false}   everything sent before mark 7 was played (or dropped by a clear)
//     {"type": "digit", "digit": "5"}      a key of the dialling pad
//     {"type": "hang_up"}                  the caller ends the call
//   server -> page
//     {"type": "ready"}                    the token was accepted; sound flows
//     {"type": "mark", "id": 7}            answer when everything before it has been played
//     {"type": "clear"}                    drop what is not played yet; answer the open marks with cleared: true
//     {"type": "live" | "transcript" | "latency" | "ended", ...}    see call_updates.hpp
//
// The page plays at most 200 ms behind what it has received; the server paces. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "audio/frame.hpp"
#include "core/result.hpp"

namespace retell::transports::browser {

inline constexpr std::size_t sound_bytes = 640;

struct AccessToken {
  std::string token;
};
struct MarkPlayed {
  std::uint64_t id = 0;
  bool cleared = false;
};
struct KeyPressed {
  char digit = 0;
};
struct HangUp {};
struct UnknownMessage {};
using PageMessage = std::variant<AccessToken, MarkPlayed, KeyPressed, HangUp, UnknownMessage>;

// `protocol` for what is no JSON object or lacks what its type needs.
[[nodiscard]] core::Result<PageMessage> parse_page_message(std::string_view text);

// False when `data` is not one frame.
[[nodiscard]] bool read_sound(std::string_view data, audio::AudioFrame& frame);
[[nodiscard]] std::string write_sound(const audio::AudioFrame& frame);  // 16 kHz

[[nodiscard]] std::string ready_message();
[[nodiscard]] std::string mark_message(std::uint64_t id);
[[nodiscard]] std::string clear_message();

}  // namespace retell::transports::browser
