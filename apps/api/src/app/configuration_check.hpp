// What is wrong with a configuration that its own module cannot see: vendors, models and stores that there are not.
#pragma once
#include <vector>

#include "config/config.hpp"

namespace retell::app {

// Every setting at fault; nothing is opened, fetched or loaded.
[[nodiscard]] std::vector<config::Problem> check_configuration(const config::Config& config);

}  // namespace retell::app
