// Copies of a SQLite database, taken and put back while nothing is lost. Blocking.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.hpp"

namespace retell::storage {

struct BackupFacts {
  std::uint64_t bytes = 0;
  int schema_version = 0;  // of the newest migration in it; 0: none
};

// Copies the database to one file, as it was at one moment, also while others write. The copy is checked, and appears
// under its name only when it is whole. Errors: precondition when `to` exists and `replace` is not set, io.
[[nodiscard]] core::Result<BackupFacts> back_up_sqlite(const std::filesystem::path& database,
                                                       const std::filesystem::path& to, bool replace);

// Makes `backup` the database. A database that is there is kept beside it under a name of its own, which is given back
// in `kept`. Errors: precondition when one is there and `replace` is not set, when it is in use, or when the backup is
// newer than `newest_known`; io when the backup is damaged.
[[nodiscard]] core::Result<BackupFacts> restore_sqlite(const std::filesystem::path& backup,
                                                       const std::filesystem::path& database, int newest_known,
                                                       bool replace, std::filesystem::path& kept);

}  // namespace retell::storage
