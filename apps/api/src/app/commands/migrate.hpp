// retell migrate
#pragma once
#include "config/config.hpp"

namespace retell::app {

int migrate(const config::Config& config, bool quiet);

}  // namespace retell::app
