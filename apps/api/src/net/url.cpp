#include "net/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>

namespace retell::net {

namespace {

constexpr std::size_t max_url = 8192;

std::uint16_t default_port(bool tls) { return tls ? 443 : 80; }

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool printable(char c) { return c > ' ' && c < '\x7f'; }

}  // namespace

std::string Url::host_header() const {
  auto text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(tls)) text += ":" + std::to_string(port);
  return text;
}

core::Result<Url> parse_url(std::string_view text) {
  using core::ErrorCode;
  if (text.size() > max_url) return core::fail(ErrorCode::invalid, "the URL is longer than 8192 bytes");
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return core::fail(ErrorCode::invalid, "not an absolute URL");
  const auto& view = *parsed;
  Url url;
  const auto scheme = lowered(std::string(view.scheme()));
  url.tls = scheme == "https" || scheme == "wss";
  url.websocket = scheme == "ws" || scheme == "wss";
  if (!url.tls && scheme != "http" && scheme != "ws") {
    return core::fail(ErrorCode::invalid, "the URL's scheme must be http, https, ws or wss");
  }
  url.host = lowered(view.host());
  if (url.host.size() > 2 && url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), printable)) {
    return core::fail(ErrorCode::invalid, "the URL names no usable host");
  }
  url.port = default_port(url.tls);
  if (view.has_port() && !view.port().empty()) {
    // Not port_number(): of some numbers that do not fit 16 bits it gives the lower bits.
    const std::string port = view.port();
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || end != port.data() + port.size() || url.port == 0)
      return core::fail(ErrorCode::invalid, "the URL's port must be 1 to 65535");
  }
  url.target = std::string(view.encoded_path());
  if (url.target.empty()) url.target = "/";
  if (view.has_query()) url.target += "?" + std::string(view.encoded_query());
  if (view.has_userinfo()) url.user_info = view.userinfo();
  return url;
}

}  // namespace retell::net
