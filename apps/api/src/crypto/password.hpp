// Passwords as argon2id hashes (libsodium). Each call takes about 0.1 s and 64 MiB: on a BlockingPool only.
#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::crypto {

// NIST SP 800-63B-4: length is what counts, and a bound keeps hashing bounded.
inline constexpr std::size_t shortest_password = 10;
inline constexpr std::size_t longest_password = 256;

// invalid when it is too short, too long, or one of the few that everybody tries first.
[[nodiscard]] core::Result<> check_password_rules(std::string_view password, std::string_view email);

// Salt and cost are in the text. Throws std::bad_alloc when there is no memory for it.
[[nodiscard]] std::string hash_password(std::string_view password);

// False for a wrong password and for a hash that is none. Takes the same time whether the hash is of a person or ""
// (for people who do not exist), so that nobody can learn from it who has an account.
[[nodiscard]] bool verify_password(std::string_view password, std::string_view hash);

}  // namespace retell::crypto
