// retell keys create | list | revoke
#pragma once
#include <string>

#include "config/config.hpp"

namespace retell::app {

int keys_create(const config::Config& config, const std::string& name, bool quiet);
int keys_list(const config::Config& config, bool quiet);
int keys_revoke(const config::Config& config, const std::string& id);

}  // namespace retell::app
