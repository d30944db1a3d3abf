// Any bytes as an HTTP request or answer, in any split: no crash, what is understood does not depend on how the bytes
// were cut, and what we write from it cannot smuggle in a line of its own.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http_parser.hpp"
#include "net/websocket_handshake.hpp"

namespace {

using namespace retell::net;

constexpr std::size_t max_header = 2048;
constexpr std::size_t max_body = 4096;

// Feeds as a connection does: what the parser leaves is shown again together with the bytes that follow.
template <class Parser>
void feed(Parser& parser, std::string_view bytes, std::size_t step) {
  std::string input;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    input.append(bytes.substr(at, step));
    for (;;) {
      const auto used = parser.feed(input);
      if (used > input.size()) std::abort();
      input.erase(0, used);
      const auto state = parser.state();
      if (state != ParseState::more && state != ParseState::header) return;
      if (used == 0 || input.empty()) break;
    }
  }
}

std::string tell(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers.all()) text.append(name).append("\x1f").append(value).append("\x1e");
  return text;
}

void check_head(const std::string& head, std::size_t most_lines) {
  std::size_t lines = 0;
  for (const char c : head) lines += c == '\n' ? 1 : 0;
  if (lines > most_lines || !head.ends_with("\r\n\r\n") || head.find("\r\n\r\n") + 4 != head.size()) std::abort();
}

std::string request(std::string_view bytes, std::size_t step) {
  RequestParser parser(max_header, max_body);
  feed(parser, bytes, step);
  if (parser.state() != ParseState::done) return {};
  const bool keep_alive = parser.keep_alive();
  const auto got = parser.take();
  if (got.body.size() > max_body || got.method.empty()) std::abort();
  if (is_websocket_upgrade(got) && !upgrade_fault(got)) {
    (void)websocket_accept(got.headers.get("Sec-WebSocket-Key").value());
  }
  (void)query_value(got.query, "limit");
  check_head(format_response_head(200, got.headers, "X-Ours: 1\r\n"), got.headers.all().size() + 3);
  return got.method + " " + got.target + "\n" + got.path + "\n" + got.query + "\n" + tell(got.headers) + got.body +
         (keep_alive ? "+" : "-");
}

std::string answer(std::string_view bytes, std::size_t step, bool to_head) {
  ResponseParser parser(max_header, max_body, to_head);
  feed(parser, bytes, step);
  parser.end_of_input();
  if (parser.state() != ParseState::done) return {};
  return std::to_string(parser.status()) + tell(parser.headers()) + parser.take_body();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1 + data[1] % 32U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] % 2 == 0) {
    if (request(bytes, step) != request(bytes, size)) std::abort();
  } else {
    const bool to_head = data[0] % 4 == 3;
    if (answer(bytes, step, to_head) != answer(bytes, size, to_head)) std::abort();
  }
  return 0;
}
