// The server's own secret: signs tokens and links, seals stored secrets.
#pragma once
#include <string>

#include "core/result.hpp"

namespace retell::config {

// The content of `path`; makes the file (64 hex digits, readable by its owner alone) when there is none. Creates the
// folder too. io when it cannot be read or written.
[[nodiscard]] core::Result<std::string> load_or_create_secret(const std::string& path);

}  // namespace retell::config
