// The rules of tools, wherever they stand.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/tools.hpp"
#include "json/errors.hpp"

namespace retell::domain {

// One tool at the path `at`.
void check_tool(json::Problems& problems, const std::string& at, const Tool& tool);
// All at `where`: each, and that no name is used twice or is among `names` (of tools visible at the same time).
void check_tools(json::Problems& problems, const std::string& where, const std::optional<std::vector<Tool>>& tools,
                 std::set<std::string> names = {});

}  // namespace retell::domain
