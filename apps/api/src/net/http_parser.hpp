// Incremental HTTP/1.1 parsing; the grammar, chunked coding and smuggling checks are Boost.Beast's, hidden here because
// a unit that sees Beast takes fifty times as long to compile. Internal to net/; pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_message.hpp"

namespace retell::net {

enum class ParseState : std::uint8_t { more, header, done, header_too_long, body_too_long, malformed };

// One request. Feed it until the state is no longer `more`: first `header` (or `done` when no body follows), then,
// fed on, `done`.
class RequestParser {
 public:
  // `max_body`: nothing for a caller who looks at content_length() and limit_body()s the others.
  RequestParser(std::size_t max_header, std::optional<std::size_t> max_body);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  [[nodiscard]] std::size_t feed(std::string_view bytes);  // how many were used
  [[nodiscard]] ParseState state() const;
  [[nodiscard]] bool started() const;     // has seen a byte
  [[nodiscard]] bool keep_alive() const;  // after the header
  [[nodiscard]] bool http_1_0() const;
  [[nodiscard]] std::string_view field(std::string_view name) const;  // empty when absent
  // After the header: how long the body says it is; nothing when it does not say so.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;
  void limit_body(std::size_t most);  // of a body that does not say its length
  [[nodiscard]] HttpRequest head() const;
  [[nodiscard]] std::size_t body_size() const;  // what has come since the last take_body()
  [[nodiscard]] std::string take_body();
  [[nodiscard]] HttpRequest take();  // once, when done

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One answer, interim (1xx) ones included: the caller makes a new parser after each of those.
class ResponseParser {
 public:
  ResponseParser(std::size_t max_header, std::size_t max_body, bool to_head);
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  [[nodiscard]] std::size_t feed(std::string_view bytes);
  void end_of_input();  // completes a body that lasts until the connection ends
  [[nodiscard]] ParseState state() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] unsigned status() const;
  [[nodiscard]] Headers headers() const;
  [[nodiscard]] std::string take_body();  // what has come since the last time

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The head of an answer, ready to be sent; names and values that hold line breaks are left out.
[[nodiscard]] std::string format_response_head(unsigned status, const Headers& headers, std::string_view extra);
[[nodiscard]] std::string format_request_head(std::string_view method, std::string_view target, const Headers& headers,
                                              std::string_view extra);

}  // namespace retell::net
