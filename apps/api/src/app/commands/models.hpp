// retell models list | pull | remove
#pragma once
#include <string>
#include <vector>

#include "config/config.hpp"

namespace retell::app {

int models_list(const config::Config& config, bool json);
// With `defaults` every default model that is absent, too, and what they lack for `language` (BCP 47, may be empty).
int models_pull(const config::Config& config, const std::vector<std::string>& names, bool defaults,
                const std::string& language);
int models_remove(const config::Config& config, const std::vector<std::string>& names);

}  // namespace retell::app
