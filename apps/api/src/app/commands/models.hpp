// retell models list | pull | remove
#pragma once
#include <string>
#include <vector>

#include "config/config.hpp"

namespace retell::app {

int models_list(const config::Config& config, bool json);
// `names` empty with `defaults`: every default model that is absent.
int models_pull(const config::Config& config, const std::vector<std::string>& names, bool defaults);
int models_remove(const config::Config& config, const std::vector<std::string>& names);

}  // namespace retell::app
