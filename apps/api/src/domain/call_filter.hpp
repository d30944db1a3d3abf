// The filter_criteria of call lists (v3): leaves {type, op, value}, all groups joined by AND. Pure.
#pragma once
#include <string>
#include <vector>

#include "core/result.hpp"
#include "json/value.hpp"

namespace retell::domain {

class CallFilter {
 public:
  // invalid for an unknown group, or a leaf whose type, op and value do not fit together.
  [[nodiscard]] static core::Result<CallFilter> parse(const json::Value& criteria);
  // The flat criteria of v2 lists ("call_status": ["ended"], "start_timestamp": {"lower_threshold": …}).
  [[nodiscard]] static core::Result<CallFilter> parse_flat(const json::Value& criteria);

  [[nodiscard]] bool empty() const { return tests_.empty() && agents_.empty(); }
  // `call` as Retell prints it.
  [[nodiscard]] bool matches(const json::Object& call) const;

 private:
  struct Test {
    std::string path;  // of the call's member, dots between levels
    std::string type;
    std::string op;
    json::Value value;
  };
  struct AgentChoice {
    std::string agent_id;
    std::vector<std::int64_t> versions;  // empty: any
  };
  core::Result<> add_leaf(const std::string& group, const std::string& path, const json::Value& leaf);
  core::Result<> add_agents(const json::Value& list);

  std::vector<Test> tests_;
  std::vector<AgentChoice> agents_;
};

}  // namespace retell::domain
