#include "domain/repair.hpp"

#include <algorithm>
#include <string_view>

namespace retell::domain {
namespace {

json::Array* array(json::Object& object, std::string_view name) {
  auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

json::Object* object(json::Object& parent, std::string_view name) {
  auto* value = parent.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::string text(const json::Object& parent, std::string_view name) {
  const auto* value = parent.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// An agent whose id only a call's variables will tell names none that could be lost.
std::string agent_of(const json::Object& parent) {
  auto id = text(parent, "agent_id");
  return id.find("{{") == std::string::npos ? id : std::string();
}

class Walk {
 public:
  Walk(NamedThings& seen, const NamedThings& lost) : seen_(seen), lost_(lost) {}

  bool settings(json::Object& all) {
    knowledge(all);
    tools(all, "general_tools");
    each(all, "states", [this](json::Object& state) { tools(state, "tools"); });
    graph(all);
    each(all, "components", [this](json::Object& component) { graph(component); });
    return changed_;
  }

 private:
  template <class Visit>
  static void each(json::Object& parent, std::string_view name, Visit visit) {
    auto* list = array(parent, name);
    if (list == nullptr) return;
    for (auto& item : *list) {
      if (auto* one = item.if_object()) visit(*one);
    }
  }

  template <class Unwanted>
  void drop(json::Object& parent, std::string_view name, Unwanted unwanted) {
    auto* list = array(parent, name);
    if (list == nullptr) return;
    const auto before = list->size();
    list->erase(std::remove_if(list->begin(), list->end(), unwanted), list->end());
    changed_ = changed_ || list->size() != before;
  }

  static bool is_lost(std::set<std::string>& seen, const std::set<std::string>& lost, const std::string& id) {
    if (!id.empty()) seen.insert(id);
    return lost.contains(id);
  }

  void knowledge(json::Object& holder) {
    drop(holder, "knowledge_base_ids", [this](const json::Value& id) {
      return id.is_string() && is_lost(seen_.knowledge_bases, lost_.knowledge_bases, std::string(id.get_string()));
    });
  }

  // Of a tool or node that swaps to an agent, or has one speak first with who takes a transfer.
  bool names_lost_agent(json::Object& holder) {
    if (text(holder, "type") == "agent_swap") return is_lost(seen_.agents, lost_.agents, agent_of(holder));
    auto* option = object(holder, "transfer_option");
    auto* config = option == nullptr ? nullptr : object(*option, "agentic_transfer_config");
    auto* agent = config == nullptr ? nullptr : object(*config, "transfer_agent");
    return agent != nullptr && is_lost(seen_.agents, lost_.agents, agent_of(*agent));
  }

  void tools(json::Object& holder, std::string_view name) {
    drop(holder, name, [this](json::Value& tool) { return tool.is_object() && names_lost_agent(tool.get_object()); });
  }

  bool stands_for_lost(json::Object& node) {
    if (text(node, "type") == "component" && text(node, "component_type") == "shared") {
      return is_lost(seen_.components, lost_.components, text(node, "component_id"));
    }
    return names_lost_agent(node);
  }

  void graph(json::Object& flow) {
    std::set<std::string> gone;
    drop(flow, "nodes", [&](json::Value& node) {
      const bool lost = node.is_object() && stands_for_lost(node.get_object());
      if (lost) gone.insert(text(node.get_object(), "id"));
      return lost;
    });
    if (gone.contains(text(flow, "start_node_id"))) flow.erase("start_node_id");
    each(flow, "nodes", [&](json::Object& node) {
      knowledge(node);
      tools(node, "tools");
      if (!gone.empty()) cut_edges(node, gone);
    });
  }

  // Edges lie in a node under many names (edges, else_edge, go_back_conditions …), never in its tools.
  static void cut_edges(json::Object& within, const std::set<std::string>& gone) {
    if (gone.contains(text(within, "destination_node_id"))) within.erase("destination_node_id");
    for (auto& member : within) {
      if (member.key() == "tools") continue;
      if (auto* one = member.value().if_object()) cut_edges(*one, gone);
      auto* list = member.value().if_array();
      if (list == nullptr) continue;
      for (auto& item : *list) {
        if (auto* one = item.if_object()) cut_edges(*one, gone);
      }
    }
  }

  NamedThings& seen_;
  const NamedThings& lost_;
  bool changed_ = false;
};

}  // namespace

NamedThings things_named(const json::Object& settings) {
  NamedThings seen;
  auto copy = settings;
  const NamedThings none;
  Walk(seen, none).settings(copy);
  return seen;
}

bool take_out(json::Object& settings, const NamedThings& lost) {
  NamedThings seen;
  return Walk(seen, lost).settings(settings);
}

}  // namespace retell::domain
