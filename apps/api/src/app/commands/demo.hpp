// retell demo: a server and a caller in one process, so that a conversation can be read without browser or microphone.
#pragma once
#include <string>

#include "config/config.hpp"

namespace retell::app {

int demo(const config::Config& config, const std::string& language);

}  // namespace retell::app
