// `retell migrate [up|status]`.
#pragma once
#include "config/config.hpp"

namespace retell::app {

int migrate_up(const config::Config& config, bool quiet);
int migrate_status(const config::Config& config);  // 3 when something is to be done

}  // namespace retell::app
