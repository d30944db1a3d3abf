// WebSocket framing (RFC 6455) without sockets: bytes in any split become messages and control frames, messages become
// bytes. Written by hand because a call sends and receives fifty small messages a second: decoding works in place and
// allocates nothing per message. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace retell::net {

enum class WsRole : std::uint8_t { server, client };

enum class WsOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

namespace ws_close {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t no_status = 1005;
inline constexpr std::uint16_t abnormal = 1006;
inline constexpr std::uint16_t invalid_text = 1007;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
}  // namespace ws_close

// Longest payload of ping, pong and close.
inline constexpr std::size_t ws_max_control = 125;

// Appends one whole frame. `mask` is used by clients only (null: unmasked).
void append_frame(std::string& out, WsOpcode opcode, std::string_view payload, const std::uint32_t* mask);
// Payload of a close frame: the code and as much of the reason as fits, cut between characters.
[[nodiscard]] std::string close_payload(std::uint16_t code, std::string_view reason);
[[nodiscard]] bool valid_utf8(std::string_view text);

class WsDecoder {
 public:
  enum class Kind : std::uint8_t { none, text, binary, ping, pong, close, error };
  struct Event {
    Kind kind = Kind::none;
    std::string_view data = {};  // of a message, ping, pong; a close's reason; what is wrong. Until the next call
    std::uint16_t code = 0;      // of a close (1005 when it named none) or what to close with after an error
  };

  WsDecoder(WsRole role, std::size_t max_message);

  // Room for the next bytes from the socket; then how many came.
  [[nodiscard]] std::span<char> prepare();
  void commit(std::size_t count) { end_ += count; }
  void push(std::string_view bytes);  // prepare and commit in one

  // The next event, or Kind::none when more bytes are needed. After error or close nothing follows.
  [[nodiscard]] Event next();

 private:
  struct Head {
    bool fin = false;
    WsOpcode opcode = WsOpcode::continuation;
    std::uint32_t mask = 0;
    std::size_t size = 0;  // of the header itself
    std::size_t length = 0;
  };
  enum class HeadState : std::uint8_t { ready, incomplete, bad };
  HeadState read_head(Head& head);
  Event control(const Head& head, std::span<char> payload);
  Event message(WsOpcode opcode, std::string_view data);
  Event fail(std::uint16_t code, std::string_view what);
  void make_room(std::size_t count);

  WsRole role_;
  std::size_t max_message_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t wanted_ = 0;  // bytes of the frame that is arriving, header included; 0 before its header
  std::string fragments_;
  std::string whole_;  // the last message that came in fragments, while its reader looks at it
  WsOpcode fragmented_ = WsOpcode::continuation;  // the opcode of the message in fragments, continuation when none
  bool finished_ = false;
  Event error_;
};

}  // namespace retell::net
