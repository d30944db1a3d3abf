// What a client needs of an absolute http, https, ws or wss URL. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::net {

struct Url {
  bool tls = false;        // https, wss
  bool websocket = false;  // ws, wss
  std::string host;        // lower case, percent-decoded, without the brackets of an IPv6 address
  std::uint16_t port = 0;  // the scheme's own when the URL names none
  std::string target;      // path and query as sent: "/" at least, never a fragment
  std::string user_info;   // "name:password" decoded, empty when none

  // The value of the Host header: brackets for IPv6, the port unless it is the scheme's own.
  [[nodiscard]] std::string host_header() const;
};

// ErrorCode::invalid with what was expected; the message never repeats the URL, which may hold a secret.
[[nodiscard]] core::Result<Url> parse_url(std::string_view text);

}  // namespace retell::net
