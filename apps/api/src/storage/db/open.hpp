// The database that a configured address names.
#pragma once
#include <memory>
#include <string>

#include "storage/db/database.hpp"

namespace retell::storage {

// "sqlite:<path>". Blocks; used at start. Errors: invalid for another scheme, io.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_database(const std::string& url);

}  // namespace retell::storage
