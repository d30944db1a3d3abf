// What the types of a flow cannot say: that its graph hangs together. Pure.
#pragma once
#include <optional>
#include <set>
#include <string>

#include "domain/flow.hpp"
#include "json/errors.hpp"

namespace retell::domain {

// What a graph may be in.
struct GraphPlace {
  bool transfers = false;            // a transfer agent's flow, or a component, which may come to be in one
  std::set<std::string> components;  // that lie in the flow
  std::size_t prompt_tokens = 0;     // of the prompt that stands before those of the nodes
};

// The nodes, edges, tools and start of a flow or component whose path is `prefix` ("" or "components[0]."). What must
// be looked up elsewhere goes to `references`.
void check_graph(json::Problems& problems, const std::string& prefix, const FlowGraph& graph, const GraphPlace& place,
                 References& references);

void check_knowledge(json::Problems& problems, const std::string& at, const std::optional<KnowledgeConfig>& config);

}  // namespace retell::domain
