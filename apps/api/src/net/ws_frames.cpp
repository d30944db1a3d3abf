#include "net/ws_frames.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace retell::net {

namespace {

constexpr std::size_t first_buffer = 4096;
constexpr std::size_t keep_buffer = std::size_t{64} << 10;  // a larger one is given back once it is empty

void apply_mask(char* data, std::size_t size, std::uint32_t mask) {
  const std::uint64_t wide = std::uint64_t{mask} << 32U | mask;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t block = 0;
    std::memcpy(&block, data + i, 8);
    block ^= wide;
    std::memcpy(data + i, &block, 8);
  }
  std::array<char, 4> bytes{};
  std::memcpy(bytes.data(), &mask, 4);
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ bytes[i & 3U]);
}

bool valid_close_code(unsigned code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != ws_close::no_status && code != ws_close::abnormal) ||
         (code >= 3000 && code <= 4999);
}

unsigned byte_at(const char* data, std::size_t at) { return static_cast<unsigned char>(data[at]); }

}  // namespace

bool valid_utf8(std::string_view text) {
  const char* p = text.data();
  const std::size_t n = text.size();
  std::size_t i = 0;
  while (i < n) {
    if (i + 8 <= n) {
      std::uint64_t block = 0;
      std::memcpy(&block, p + i, 8);
      if ((block & 0x8080'8080'8080'8080U) == 0) {
        i += 8;
        continue;
      }
    }
    const unsigned lead = byte_at(p, i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > n) return false;
    const unsigned second = byte_at(p, i + 1);
    // Overlong forms, surrogates and values above U+10FFFF show in the second byte.
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (std::size_t k = 2; k < length; ++k) {
      if ((byte_at(p, i + k) & 0xc0U) != 0x80U) return false;
    }
    i += length;
  }
  return true;
}

void append_frame(std::string& out, WsOpcode opcode, std::string_view payload, const std::uint32_t* mask) {
  std::array<char, 14> head{};
  std::size_t size = 2;
  head[0] = static_cast<char>(0x80U | static_cast<unsigned>(opcode));
  const auto length = payload.size();
  unsigned second = 0;
  if (length < 126) {
    second = static_cast<unsigned>(length);
  } else {
    const std::size_t bytes = length <= 0xffff ? 2 : 8;
    second = bytes == 2 ? 126 : 127;
    for (std::size_t i = 0; i < bytes; ++i) head[size++] = static_cast<char>(length >> (8 * (bytes - 1 - i)) & 0xffU);
  }
  head[1] = static_cast<char>(second | (mask != nullptr ? 0x80U : 0U));
  if (mask != nullptr) {
    std::memcpy(head.data() + size, mask, 4);
    size += 4;
  }
  out.append(head.data(), size);
  const auto start = out.size();
  out.append(payload);
  if (mask != nullptr) apply_mask(out.data() + start, length, *mask);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  if (code == ws_close::no_status || code == ws_close::abnormal) return payload;
  payload += static_cast<char>(code >> 8U);
  payload += static_cast<char>(code & 0xffU);
  std::size_t length = std::min(reason.size(), ws_max_control - 2);
  while (length > 0 && length < reason.size() && (static_cast<unsigned char>(reason[length]) & 0xc0U) == 0x80U)
    --length;
  payload += reason.substr(0, length);
  return payload;
}

WsDecoder::WsDecoder(WsRole role, std::size_t max_message)
    : role_(role), max_message_(max_message), buffer_(first_buffer) {}

void WsDecoder::make_room(std::size_t count) {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > keep_buffer && count <= first_buffer) std::vector<char>(first_buffer).swap(buffer_);
  }
  if (buffer_.size() - end_ >= count) return;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < count) buffer_.resize(end_ + count);
}

std::span<char> WsDecoder::prepare() {
  const auto held = end_ - begin_;
  // Grows with what has really come, at most doubling: a header that promises much costs its sender the bytes.
  const auto missing = wanted_ > held ? std::min(wanted_ - held, std::max(held, first_buffer)) : 1;
  make_room(std::max<std::size_t>(missing, 1024));
  return std::span(buffer_).subspan(end_);
}

void WsDecoder::push(std::string_view bytes) {
  make_room(bytes.size());
  std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(end_));
  end_ += bytes.size();
}

WsDecoder::Event WsDecoder::fail(std::uint16_t code, std::string_view what) {
  finished_ = true;
  error_ = {.kind = Kind::error, .data = what, .code = code};
  return error_;
}

WsDecoder::HeadState WsDecoder::read_head(Head& head) {
  const char* p = buffer_.data() + begin_;
  const auto held = end_ - begin_;
  if (held < 2) return HeadState::incomplete;
  const unsigned first = byte_at(p, 0);
  const unsigned second = byte_at(p, 1);
  const bool masked = (second & 0x80U) != 0;
  if ((first & 0x70U) != 0 || masked != (role_ == WsRole::server)) return HeadState::bad;
  head.fin = (first & 0x80U) != 0;
  const unsigned opcode = first & 0x0fU;
  if (opcode > 10 || (opcode > 2 && opcode < 8)) return HeadState::bad;
  head.opcode = static_cast<WsOpcode>(opcode);
  const unsigned short_length = second & 0x7fU;
  const std::size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  if (opcode >= 8 && (!head.fin || extended != 0)) return HeadState::bad;
  head.size = 2 + extended + (masked ? 4 : 0);
  if (held < head.size) return HeadState::incomplete;
  std::uint64_t length = extended == 0 ? short_length : 0;
  for (std::size_t i = 0; i < extended; ++i) length = length << 8U | byte_at(p, 2 + i);
  if (length >> 63U != 0) return HeadState::bad;
  head.length = length;
  if (masked) std::memcpy(&head.mask, p + 2 + extended, 4);
  return HeadState::ready;
}

WsDecoder::Event WsDecoder::next() {
  if (finished_) return error_;
  if (whole_.capacity() > keep_buffer) std::string().swap(whole_);
  for (;;) {
    if (end_ - begin_ < wanted_) return {};
    Head head;
    const auto state = read_head(head);
    if (state == HeadState::bad) return fail(ws_close::protocol_error, "malformed frame");
    if (state == HeadState::incomplete) return {};
    const bool is_control = static_cast<unsigned>(head.opcode) >= 8;
    if (!is_control) {
      const bool continues = head.opcode == WsOpcode::continuation;
      if (continues != (fragmented_ != WsOpcode::continuation)) {
        return fail(ws_close::protocol_error, "a message inside another, or a continuation of none");
      }
      if (head.length > max_message_ || fragments_.size() + head.length > max_message_) {
        return fail(ws_close::too_big, "the message is too long");
      }
    }
    if (end_ - begin_ < head.size + head.length) {
      wanted_ = head.size + head.length;
      return {};
    }
    wanted_ = 0;
    const auto payload = std::span(buffer_).subspan(begin_ + head.size, head.length);
    begin_ += head.size + head.length;
    if (role_ == WsRole::server) apply_mask(payload.data(), payload.size(), head.mask);
    if (is_control) return control(head, payload);

    const std::string_view data(payload.data(), payload.size());
    if (head.fin && head.opcode != WsOpcode::continuation) return message(head.opcode, data);
    if (head.opcode != WsOpcode::continuation) {
      fragmented_ = head.opcode;
      fragments_.clear();
    }
    fragments_.append(data);
    if (head.fin) {
      const auto opcode = fragmented_;
      fragmented_ = WsOpcode::continuation;
      whole_.swap(fragments_);
      fragments_.clear();
      return message(opcode, whole_);
    }
  }
}

WsDecoder::Event WsDecoder::message(WsOpcode opcode, std::string_view data) {
  if (opcode == WsOpcode::binary) return {.kind = Kind::binary, .data = data};
  if (!valid_utf8(data)) return fail(ws_close::invalid_text, "the text is not UTF-8");
  return {.kind = Kind::text, .data = data};
}

WsDecoder::Event WsDecoder::control(const Head& head, std::span<char> payload) {
  const std::string_view data(payload.data(), payload.size());
  if (head.opcode == WsOpcode::ping) return {.kind = Kind::ping, .data = data};
  if (head.opcode == WsOpcode::pong) return {.kind = Kind::pong, .data = data};
  if (data.empty()) {
    finished_ = true;
    return {.kind = Kind::close, .code = ws_close::no_status};
  }
  if (data.size() == 1) return fail(ws_close::protocol_error, "malformed close");
  const unsigned code = byte_at(payload.data(), 0) << 8U | byte_at(payload.data(), 1);
  if (!valid_close_code(code)) return fail(ws_close::protocol_error, "invalid close code");
  const auto reason = data.substr(2);
  if (!valid_utf8(reason)) return fail(ws_close::invalid_text, "the close reason is not UTF-8");
  finished_ = true;
  return {.kind = Kind::close, .data = reason, .code = static_cast<std::uint16_t>(code)};
}

}  // namespace retell::net
