// What a vendor's refusal means to a call. Pure; messages never repeat a request, so they hold no key.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/http_message.hpp"

namespace retell::providers::remote {

// 401 and 403: unauthorized; 408: timeout; 429: rate_limited; 5xx: unavailable; every other 4xx: unprocessable.
[[nodiscard]] core::Error error_of_status(std::string_view vendor, unsigned status, std::string_view body);

// Whether the same request may succeed soon.
[[nodiscard]] bool worth_retrying(unsigned status);

// `retry-after-ms`, or `Retry-After` in seconds (RFC 9110, section 10.2.3; its date form is not used by these vendors).
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const net::Headers& headers);

// At most 300 bytes of a vendor's own words, on one line: {"error":{"message":…}}, {"detail":{"message":…}},
// {"err_msg":…}, or the text itself.
[[nodiscard]] std::string vendor_words(std::string_view body);

}  // namespace retell::providers::remote
