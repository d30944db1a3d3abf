// Random identifiers from the kernel's generator. Any thread.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace retell::core {

// Fills with cryptographically strong bytes; throws std::system_error when the kernel has none (never in practice).
void random_bytes(std::span<unsigned char> out);

// `prefix` followed by 2 * `bytes` lower-case hex digits: make_id("agent_") -> agent_5f0c... (32 digits).
[[nodiscard]] std::string make_id(std::string_view prefix, std::size_t bytes = 16);

}  // namespace retell::core
