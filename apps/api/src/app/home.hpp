// What a server needs of the machine: its data folder with secret and database, and a port. The errors say what to do.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/result.hpp"
#include "services/workspace_service.hpp"
#include "storage/db/database.hpp"

namespace retell::app {

struct Home {
  std::unique_ptr<storage::Database> database;  // brought up to date
  std::string secret;                           // that signs and seals
  std::string node_id;                          // of this folder among all that share the database
  std::vector<std::string> applied;             // migrations that this opening ran
};

// Makes the folder and the secret when they are not there. Blocks on files.
[[nodiscard]] core::Result<Home> open_home(const config::Config& config, core::Logger log = {});

// The secrets of people's access tokens: the first signs, all are accepted.
[[nodiscard]] std::vector<std::string> jwt_secrets(const config::Config& config, const std::string& secret);
[[nodiscard]] services::WorkspaceDefaults workspace_defaults(const config::Config& config);

// Whether `host`:`port` can be listened on; gives the port, a free one for 0.
[[nodiscard]] core::Result<std::uint16_t> probe_port(const std::string& host, std::uint16_t port);

}  // namespace retell::app
