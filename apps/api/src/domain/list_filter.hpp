// The filter_criteria of lists (v3): leaves {type, op, value}, all groups joined by AND. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "json/value.hpp"

namespace retell::domain {

// What a list can be filtered by.
struct FilterGroups {
  // Each group's name and where its value lies in an item, dots between levels. Paths ending in '.' hold free-form
  // members named by the leaf's `key`.
  std::map<std::string_view, std::string_view> paths;
  bool agents = false;      // by `agent`: ids with versions
  bool tool_calls = false;  // by the uses of tools in a transcript
};
[[nodiscard]] const FilterGroups& call_groups();
[[nodiscard]] const FilterGroups& chat_groups();
[[nodiscard]] const FilterGroups& contact_groups();

class ListFilter {
 public:
  // invalid for an unknown group, or a leaf whose type, op and value do not fit together.
  [[nodiscard]] static core::Result<ListFilter> parse(const json::Value& criteria,
                                                      const FilterGroups& groups = call_groups());
  // The flat criteria of v2 lists of calls ("call_status": ["ended"], "start_timestamp": {"lower_threshold": …}).
  [[nodiscard]] static core::Result<ListFilter> parse_flat(const json::Value& criteria);

  [[nodiscard]] bool empty() const { return tests_.empty() && agents_.empty() && tool_calls_.empty(); }
  // `item` as Retell prints it.
  [[nodiscard]] bool matches(const json::Object& item) const;

  // What must hold of every item that matches, for a database to look for: the agents that are asked for, and the texts
  // that the member at `path` may have. Nothing when any will do.
  [[nodiscard]] std::optional<std::vector<std::string>> agent_ids() const;
  [[nodiscard]] std::optional<std::vector<std::string>> one_of(std::string_view path) const;

 private:
  struct Test {
    std::string path;  // of the item's member, dots between levels
    std::string type;
    std::string op;
    json::Value value;
    [[nodiscard]] bool holds(const json::Object& item) const;
  };
  struct AgentChoice {
    std::string agent_id;
    std::vector<std::int64_t> versions;  // empty: any
  };
  // One use of a tool; all given members must hold of the same use.
  struct ToolUse {
    std::optional<std::string> name;
    std::optional<std::string> type;
    std::vector<Test> tests;  // of its success and latency_ms
  };
  core::Result<> add_tool_calls(const json::Value& list);
  core::Result<> add_leaf(const std::string& group, const std::string& path, const json::Value& leaf);
  core::Result<> add_agents(const json::Value& list);
  // One member of the flat criteria.
  core::Result<> add_flat(const std::string& group, const json::Value& value);
  core::Result<> add_flat_agents(const json::Value& ids);
  core::Result<> add_thresholds(const std::string& group, const std::string& path, const json::Object& range);

  std::vector<Test> tests_;
  std::vector<AgentChoice> agents_;
  std::vector<ToolUse> tool_calls_;
};

}  // namespace retell::domain
