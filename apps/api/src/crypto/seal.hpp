// Small secrets at rest (AES-256-GCM): the webhook signing key, which unlike other API keys must be readable again.
#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::crypto {

// base64 of nonce, ciphertext and tag. `secret` may have any length; it is hashed into the cipher's key.
// `purpose` is authenticated with it, so a value sealed for one row cannot be moved to another.
[[nodiscard]] std::string seal(std::string_view plain, std::string_view secret, std::string_view purpose);

// io error when the text is damaged, or was sealed with another secret or purpose.
[[nodiscard]] core::Result<std::string> unseal(std::string_view sealed, std::string_view secret,
                                               std::string_view purpose);

}  // namespace retell::crypto
