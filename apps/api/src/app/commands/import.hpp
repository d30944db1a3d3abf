// retell import: brings an account of Retell, or of another server of its API, into a workspace.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace retell::app {

struct ImportOptions {
  std::string from_url;
  std::string key_file;             // empty: RETELL_IMPORT_API_KEY; a key never stands on the command line
  std::string workspace;            // its id; empty: the server's first
  std::vector<std::string> voices;  // "their voice_id=ours"
  bool json = false;
};

// Status 0: everything came; 3: something could not, as the report says; 1: the import could not go on.
int import_account(const config::Config& config, const ImportOptions& options);

}  // namespace retell::app
