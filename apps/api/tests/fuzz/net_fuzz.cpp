// Bytes from other machines, in any split: server-sent events, URLs, forms and WebSocket frames. No crash, and what is
// understood does not depend on how the bytes were cut.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.hpp"
#include "net/multipart.hpp"
#include "net/sse.hpp"
#include "net/url.hpp"
#include "net/ws_frames.hpp"

namespace {

using namespace retell::net;

std::string sse(std::string_view bytes, std::size_t step) {
  SseParser parser(4096);
  std::string seen;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const auto record = [&](std::string_view event, std::string_view data) {
      if (event.empty() || data.size() > 4096) std::abort();
      seen.append(event).append("\x1f").append(data).append("\x1e");
    };
    if (!parser.push(bytes.substr(at, step), record)) break;
  }
  return seen;
}

std::string frames(std::string_view bytes, std::size_t step, WsRole role) {
  constexpr std::size_t limit = 4096;
  WsDecoder decoder(role, limit);
  std::string seen;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    decoder.push(bytes.substr(at, step));
    for (;;) {
      const auto event = decoder.next();
      if (event.kind == WsDecoder::Kind::none) break;
      if (event.data.size() > limit) std::abort();
      if (event.kind == WsDecoder::Kind::text && !valid_utf8(event.data)) std::abort();
      seen += std::to_string(static_cast<int>(event.kind)) + std::to_string(event.code);
      seen.append(event.data);
      if (event.kind == WsDecoder::Kind::error) return seen;
    }
  }
  return seen;
}

void url(std::string_view text) {
  const auto parsed = parse_url(text);
  if (!parsed) return;
  if (parsed->host.empty() || parsed->port == 0 || !parsed->target.starts_with('/')) std::abort();
  if ((parsed->target + parsed->host_header()).find_first_of(std::string_view("\r\n\0 ", 4)) != std::string::npos) {
    std::abort();  // would break out of the request line
  }
}

void form(std::string_view text) {
  if (parse_form(text, 16).size() > 16) std::abort();
  if (percent_decode(percent_encode(text), false) != text) std::abort();
}

// Every part lies inside the body, and its name is one that was written there.
void multipart(std::string_view body) {
  const auto parts = parse_multipart("multipart/form-data; boundary=b", body, 8);
  if (!parts) return;
  if (parts->size() > 8) std::abort();
  for (const auto& part : *parts) {
    if (part.content.data() < body.data() || part.content.data() + part.content.size() > body.data() + body.size()) {
      std::abort();
    }
    if (part.file_name.find('/') != std::string::npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1 + data[1] % 16U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 6U) {
    case 0:
      if (sse(bytes, step) != sse(bytes, size)) std::abort();
      break;
    case 1:
      if (frames(bytes, step, WsRole::server) != frames(bytes, size, WsRole::server)) std::abort();
      break;
    case 2:
      if (frames(bytes, step, WsRole::client) != frames(bytes, size, WsRole::client)) std::abort();
      break;
    case 3:
      url(bytes);
      break;
    case 4:
      form(bytes);
      break;
    default:
      multipart(bytes);
  }
  return 0;
}
