// retell workspaces create | list | limits
#pragma once
#include <string>

#include "config/config.hpp"

namespace retell::app {

struct LimitsWish {
  std::string workspace;
  std::string calls;  // a number or "default"; empty: as it is
  std::string requests;
};

int workspaces_create(const config::Config& config, const std::string& name);
int workspaces_list(const config::Config& config);
int workspaces_limits(const config::Config& config, const LimitsWish& wish);

}  // namespace retell::app
