// retell jobs list | retry
#pragma once
#include <string>
#include <vector>

#include "config/config.hpp"

namespace retell::app {

// Of the whole server; empty: any.
struct JobsWish {
  std::string state;
  std::string kind;
  std::string workspace;
  bool json = false;
};

int jobs_list(const config::Config& config, const JobsWish& wish);
// Runs dead jobs again, these, or all that `wish` names.
int jobs_retry(const config::Config& config, const std::vector<std::string>& ids, const JobsWish& wish);

}  // namespace retell::app
