#include "net/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "core/ids.hpp"

namespace retell::net {

namespace {

constexpr std::string_view protocol_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, section 1.3

std::string base64(const unsigned char* data, std::size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  const auto text = std::string(key).append(protocol_guid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64(digest.data(), size);
}

std::string websocket_key() {
  std::array<unsigned char, 16> bytes{};
  core::random_bytes(bytes);
  return base64(bytes.data(), bytes.size());
}

bool has_token(const Headers& headers, std::string_view name, std::string_view token) {
  for (const auto& [key, value] : headers.all()) {
    if (!same(key, name)) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      if (same(trim(rest.substr(0, comma)), token)) return true;
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return false;
}

bool is_websocket_upgrade(const HttpRequest& request) {
  return request.method == "GET" && has_token(request.headers, "Connection", "upgrade") &&
         has_token(request.headers, "Upgrade", "websocket");
}

std::optional<UpgradeFault> upgrade_fault(const HttpRequest& request) {
  if (request.headers.get("Sec-WebSocket-Version").value_or("") != "13") {
    return UpgradeFault{.status = 426, .message = "only WebSocket version 13 is spoken here"};
  }
  if (request.headers.get("Sec-WebSocket-Key").value_or("").size() != 24) {  // 16 bytes in base64
    return UpgradeFault{.status = 400, .message = "Sec-WebSocket-Key must be 16 bytes in base64"};
  }
  return std::nullopt;
}

}  // namespace retell::net
