// The X-Retell-Signature header: "v=<epoch ms>,d=<hex HMAC-SHA256(API key, body + ms as text)>".
// Checked against the `sign` and `verify` that retell-sdk 5.66.1 exports.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace retell::crypto {

inline constexpr std::chrono::milliseconds retell_signature_tolerance = std::chrono::minutes(5);  // either way

// Signs the exact bytes of `body`; an empty text for requests without one.
[[nodiscard]] std::string sign_retell(std::string_view body, std::string_view api_key, std::int64_t now_ms);

// True only for a well-formed header, at most five minutes old or ahead, whose digest fits. Constant time.
[[nodiscard]] bool verify_retell(std::string_view body, std::string_view api_key, std::string_view header,
                                 std::int64_t now_ms);

}  // namespace retell::crypto
