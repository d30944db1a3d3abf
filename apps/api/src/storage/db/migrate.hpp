// Brings a database to this program's schema.
#pragma once
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct Migration {
  int version = 0;
  std::string name;
  std::string sql;
};

[[nodiscard]] std::vector<Migration> embedded_migrations();  // apps/api/migrations, in order

// Runs what is missing, each script in a transaction of its own; gives the names that ran. Errors: precondition when a
// script that ran earlier has changed since, or the database is newer than this program.
[[nodiscard]] core::Task<core::Result<std::vector<std::string>>> migrate(Database& database,
                                                                         std::vector<Migration> migrations);

}  // namespace retell::storage
