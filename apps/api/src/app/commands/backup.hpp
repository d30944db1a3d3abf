// `retell backup` and `retell restore`: copies of a SQLite database. PostgreSQL has its own tools (docs/backup.md).
#pragma once
#include <string>

#include "config/config.hpp"

namespace retell::app {

// `to` empty: <data_dir>/backups/retell-<date and time>.db
int backup(const config::Config& config, std::string to, bool force);
int restore(const config::Config& config, const std::string& from, bool force);

}  // namespace retell::app
