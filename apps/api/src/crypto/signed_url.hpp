// Links that work without a key, such as a recording's: "<path>?expires=<ms>&signature=<hex>". Unguessable, and valid
// until they expire; expires = 0 never does.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace retell::crypto {

// `path` must not hold a query of its own.
[[nodiscard]] std::string sign_path(std::string_view path, std::int64_t expires_ms, std::string_view secret);

[[nodiscard]] bool verify_path(std::string_view path, std::string_view expires, std::string_view signature,
                               std::string_view secret, std::int64_t now_ms);

}  // namespace retell::crypto
