// The database that a configured address names.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "core/log.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct DatabaseOptions {
  std::string password = {};                        // PostgreSQL: where the address has none
  std::size_t most_connections = 16;                // PostgreSQL
  std::chrono::milliseconds wait{5'000};            // PostgreSQL: for a connection, over an outage
  std::chrono::milliseconds query_timeout{15'000};  // PostgreSQL: of one statement
  core::Logger log = {};
};

// "sqlite:<path>" or "postgres://…". Blocks; used at start. Errors: invalid for another scheme, io, unavailable.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_database(const std::string& url,
                                                                    DatabaseOptions options = {});

}  // namespace retell::storage
