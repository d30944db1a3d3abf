#include "services/runnable.hpp"

#include <algorithm>

#include "services/call_plan.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

core::Result<> refuse(std::string field, const std::string& what) {
  auto message = field + ": " + what + " not available on this server yet";
  return fail(ErrorCode::unprocessable, std::move(message), std::move(field));
}

core::Result<> check_tools(const std::string& field, const std::optional<std::vector<domain::Tool>>& tools) {
  if (!tools) return {};
  const auto other = std::find_if_not(tools->begin(), tools->end(), has_plan);
  if (other == tools->end()) return {};
  const auto place = std::to_string(std::distance(tools->begin(), other));
  const auto type = std::visit([](const auto& one) { return std::string(one.json_tag); }, *other);
  return refuse(field + "[" + place + "]", "tools of type " + type + " are");
}

}  // namespace

core::Result<> check_runnable(const domain::LlmSettings& llm) {
  if (llm.s2s_model && !llm.s2s_model->empty()) return refuse("s2s_model", "speech-to-speech models are");
  if (llm.states && llm.states->size() > 1) return refuse("states", "agents with more than one state are");
  if (auto able = check_tools("general_tools", llm.general_tools); !able) return able;
  if (llm.states && !llm.states->empty()) {
    if (auto able = check_tools("states[0].tools", llm.states->front().tools); !able) return able;
  }
  if (llm.mcps && !llm.mcps->empty()) return refuse("mcps", "tools of MCP servers are");
  if (llm.knowledge_base_ids && !llm.knowledge_base_ids->empty()) {
    return refuse("knowledge_base_ids", "answers from knowledge bases are");
  }
  return {};
}

}  // namespace retell::services
