// retell doctor: looks at everything a call needs and says how to mend what is missing.
#pragma once
#include "config/config.hpp"

namespace retell::app {

// 0 when all is well (warnings included), 1 when something would stop the server or a call.
int doctor(const config::Config& config, bool json);

}  // namespace retell::app
