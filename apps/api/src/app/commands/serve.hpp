// retell serve: the server until SIGTERM or SIGINT, then the drain.
#pragma once
#include "config/config.hpp"

namespace retell::app {

// `welcome`: for people who start it by hand; prints a first API key, when there is none, and what to do next.
int serve(const config::Config& config, bool welcome);

}  // namespace retell::app
