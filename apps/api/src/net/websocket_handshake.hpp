// The opening handshake's own rules (RFC 6455, section 4). Internal to net/; pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/http_message.hpp"

namespace retell::net {

// Sec-WebSocket-Accept for a client's key.
[[nodiscard]] std::string websocket_accept(std::string_view key);
[[nodiscard]] std::string websocket_key();  // a fresh client key
// Whether the header lists the token, without regard to case: `Connection: keep-alive, Upgrade`.
[[nodiscard]] bool has_token(const Headers& headers, std::string_view name, std::string_view token);
[[nodiscard]] bool is_websocket_upgrade(const HttpRequest& request);
// What is wrong with an upgrade request, with the status to refuse it by; nothing when it may be accepted.
struct UpgradeFault {
  unsigned status = 400;
  std::string_view message;
};
[[nodiscard]] std::optional<UpgradeFault> upgrade_fault(const HttpRequest& request);

}  // namespace retell::net
