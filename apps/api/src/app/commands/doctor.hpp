// retell doctor: looks at everything a call needs and says how to mend what is missing. It changes nothing.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace retell::app {

enum class Verdict : std::uint8_t { good, warning, bad };

struct Finding {
  Verdict verdict = Verdict::good;
  std::string what;
  std::string detail;
  std::string mend = {};  // what to do about it
};

// `config` need not have passed check_configuration.
[[nodiscard]] std::vector<Finding> examine(const config::Config& config);

// Prints the findings. 0 when all is well (warnings included), 1 when something would stop the server or a call.
int doctor(const config::Config& config, bool json);

}  // namespace retell::app
