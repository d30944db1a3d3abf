// retell keys create | list | revoke
#pragma once
#include <string>

#include "config/config.hpp"

namespace retell::app {

// `workspace`: its id; empty: the server's first.
struct KeyOrder {
  std::string name = "key";
  std::string workspace;
  bool signs_webhooks = false;
};

int keys_create(const config::Config& config, const KeyOrder& order, bool quiet);
int keys_list(const config::Config& config, const std::string& workspace, bool quiet);
int keys_revoke(const config::Config& config, const std::string& workspace, const std::string& id);

}  // namespace retell::app
