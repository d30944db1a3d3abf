// Random texts of the server's own that outlive it: the secret that signs tokens and links and seals stored secrets,
// and the name of its data folder among others.
#pragma once
#include <string>

#include "core/result.hpp"

namespace retell::config {

// The content of `path`; makes the file (64 hex digits, readable by its owner alone) when there is none. Creates the
// folder too. io when it cannot be read or written.
[[nodiscard]] core::Result<std::string> load_or_create_secret(const std::string& path);

}  // namespace retell::config
