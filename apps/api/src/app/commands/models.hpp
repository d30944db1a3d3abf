// retell models list | pull | remove
#pragma once
#include <string>
#include <vector>

namespace retell::app {

int models_list(bool json);
// `names` empty with `defaults`: every default model that is absent.
int models_pull(const std::vector<std::string>& names, bool defaults);
int models_remove(const std::vector<std::string>& names);

}  // namespace retell::app
