// retell serve
#pragma once
#include "config/config.hpp"

namespace retell::app {

// Until SIGTERM or SIGINT; then drains. 0 after a clean end.
int serve(const config::Config& config);

}  // namespace retell::app
