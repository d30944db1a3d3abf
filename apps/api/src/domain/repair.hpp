// Taking out of stored settings of a Retell LLM or a conversation flow what names nothing any more. On the JSON as it
// is stored: what an older version of the rules let in must not keep anybody from repairing it. Plain values.
#pragma once
#include <set>
#include <string>

#include "json/value.hpp"

namespace retell::domain {

// Ids of what settings name that lies elsewhere in their workspace.
struct NamedThings {
  std::set<std::string> knowledge_bases = {};
  std::set<std::string> components = {};  // shared ones
  std::set<std::string> agents = {};
};

[[nodiscard]] NamedThings things_named(const json::Object& settings);

// Takes `lost` out: knowledge bases from their lists, tools that name a lost agent, and nodes that stand for a lost
// component or agent; edges that led to such a node lead nowhere yet. Says whether anything was there.
bool take_out(json::Object& settings, const NamedThings& lost);

}  // namespace retell::domain
