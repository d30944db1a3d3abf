// Brings a database to this program's schema.
#pragma once
#include <cstdint>
#include <optional>
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
  std::string postgres = {};  // instead of `sql` there, where the two differ
};

[[nodiscard]] std::vector<Migration> embedded_migrations();  // apps/api/migrations, in order

// Runs what is missing, each script in a transaction of its own; gives the names that ran. Several processes may do it
// at once: each script runs once. A database that a newer program has changed is left as it is: migrations add, so that
// the release before can be gone back to; one that takes something away says "-- contract: oldest 0045", the newest
// migration of the oldest program that can live with it. Errors: precondition when a script that ran earlier has
// changed since, or this program is older than that.
[[nodiscard]] core::Task<core::Result<std::vector<std::string>>> migrate(Database& database,
                                                                         std::vector<Migration> migrations);

struct MigrationState {
  int version = 0;
  std::string name;
  std::optional<std::int64_t> applied_at = {};  // epoch ms; nothing: still to come
  bool changed = false;                         // its text is no longer what ran
  bool unknown = false;                         // ran by a newer program
};

// What ran and what would run. Changes nothing.
[[nodiscard]] core::Task<core::Result<std::vector<MigrationState>>> migration_status(Database& database,
                                                                                     std::vector<Migration> migrations);

}  // namespace retell::storage
