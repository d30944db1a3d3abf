// The X-Twilio-Signature header: base64 HMAC-SHA1(auth token, URL + every form parameter, sorted by name, name and
// value run together). Checked against the official twilio package.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace retell::crypto {

// Decoded form parameters; the order does not matter.
using FormParameters = std::vector<std::pair<std::string, std::string>>;

// `url` is the full address as Twilio was given it, with scheme, host and query.
[[nodiscard]] std::string sign_twilio(std::string_view auth_token, std::string_view url,
                                      const FormParameters& parameters);

// Also accepts the same URL with or without its scheme's default port, which Twilio adds or drops between products.
[[nodiscard]] bool verify_twilio(std::string_view auth_token, std::string_view url, const FormParameters& parameters,
                                 std::string_view signature);

}  // namespace retell::crypto
