#include "crypto/twilio_signature.hpp"

#include <algorithm>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

// The URL with its scheme's default port added when it names none, or taken away when it names that one.
std::string with_port_toggled(std::string_view url) {
  const bool secure = url.starts_with("https://") || url.starts_with("wss://");
  const std::string_view port = secure ? ":443" : ":80";
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const auto host_end = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  const auto host = url.substr(0, host_end);
  std::string out(host);
  if (host.ends_with(port))
    out.resize(out.size() - port.size());
  else
    out += port;
  return out.append(url.substr(host_end));
}

}  // namespace

std::string sign_twilio(std::string_view auth_token, std::string_view url, const FormParameters& parameters) {
  auto sorted = parameters;
  std::sort(sorted.begin(), sorted.end());
  // The same name and value sent twice counts once.
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string message(url);
  for (const auto& [name, value] : sorted) message.append(name).append(value);
  return to_base64(hmac_sha1(auth_token, message));
}

bool verify_twilio(std::string_view auth_token, std::string_view url, const FormParameters& parameters,
                   std::string_view signature) {
  const bool as_given = equal_constant_time(sign_twilio(auth_token, url, parameters), signature);
  const bool with_port = equal_constant_time(sign_twilio(auth_token, with_port_toggled(url), parameters), signature);
  return as_given || with_port;
}

}  // namespace retell::crypto
