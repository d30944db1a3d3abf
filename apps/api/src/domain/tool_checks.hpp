// The rules of tools, wherever they stand.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/references.hpp"
#include "domain/tools.hpp"
#include "json/errors.hpp"

namespace retell::domain {

// One tool at the path `at`.
void check_tool(json::Problems& problems, const std::string& at, const Tool& tool);
// All at `where`: each, and that no name is used twice or is among `names` (of tools visible at the same time).
void check_tools(json::Problems& problems, const std::string& where, const std::optional<std::vector<Tool>>& tools,
                 std::set<std::string> names = {});

// The JSON Schema at `at` of what a model is to give: an object's, whose required members are among its properties.
void check_parameters(json::Problems& problems, const std::string& at, const std::optional<json::Object>& schema);
// The variables that the tool or node at `at` finds out.
void check_variables(json::Problems& problems, const std::string& at, const std::vector<ExtractedVariable>& variables);
// Where and how the tool or node at `at` transfers a call.
void check_transfer(json::Problems& problems, const std::string& at, const TransferDestination& destination,
                    const TransferOption& option, std::optional<bool> ignore_e164_validation);

// The agents to which tools hand the call over.
void add_agent(References& references, const std::string& at, const std::string& agent_id);
void add_agents(References& references, const std::string& at, const TransferOption& option);
void add_agents(References& references, const std::string& where, const std::optional<std::vector<Tool>>& tools);

}  // namespace retell::domain
