// Unguessable bytes and identifiers, from the operating system's generator.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace retell::crypto {

[[nodiscard]] std::string random_bytes(std::size_t count);

// "<prefix><32 hex digits>": 128 random bits, e.g. random_id("agent_").
[[nodiscard]] std::string random_id(std::string_view prefix);

}  // namespace retell::crypto
