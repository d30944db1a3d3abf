// What the types of a flow cannot say: that its graph hangs together. Pure.
#pragma once
#include <optional>
#include <set>
#include <string>

#include "domain/flow.hpp"
#include "json/errors.hpp"

namespace retell::domain {

// The nodes, edges, tools and start of a flow or component whose path is `prefix` ("" or "components[0]."). `locals`:
// the components that lie in the flow. What must be looked up elsewhere goes to `references`.
void check_graph(json::Problems& problems, const std::string& prefix, const FlowGraph& graph,
                 const std::set<std::string>& locals, FlowReferences& references);

void check_knowledge(json::Problems& problems, const std::string& at, const std::optional<KnowledgeConfig>& config);

}  // namespace retell::domain
