// HTTP requests and responses as plain values: what server, client, router and tests share. Any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::net {

// Header fields in order of arrival; names compare without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;  // the first of that name
  [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  void add(std::string name, std::string value);
  void remove(std::string_view name);  // all of that name
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

class BodyFile;

struct HttpRequest {
  std::string method;  // upper case
  std::string target;  // as sent: path and query, still encoded
  std::string path;    // percent-decoded; '+' stays '+' (phone numbers stand in paths)
  std::string query;   // still encoded, without '?'
  Headers headers;
  std::string body;
  std::string remote_address;                // the peer's IP, without port
  std::shared_ptr<BodyFile> body_file = {};  // holds a large body, and `body` is empty
};

// Gives the next part of a body; empty at its end.
using BodyReader = std::function<core::Task<core::Result<std::string>>()>;

struct HttpResponse {
  unsigned status = 200;
  Headers headers = {};
  std::string body = {};
  // A body too large for memory: then `body` is ignored and exactly `length` bytes are read from `reader`.
  struct Stream {
    std::uint64_t length = 0;
    BodyReader reader = {};
  };
  std::optional<Stream> stream = {};
};

// `a=1&b=x%20y` -> value of the first `name`, decoded ('+' is a space here); nothing when absent.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);
// `application/x-www-form-urlencoded` as pairs in order; at most `limit` pairs, invalid escapes kept as they are.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_form(std::string_view body,
                                                                          std::size_t limit = 256);
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space);
[[nodiscard]] std::string percent_encode(std::string_view text);  // RFC 3986 unreserved characters stay

}  // namespace retell::net
