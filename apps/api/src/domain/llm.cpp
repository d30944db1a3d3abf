#include "domain/llm.hpp"

#include <set>

#include "domain/prompt_size.hpp"
#include "domain/rules.hpp"
#include "domain/tool_checks.hpp"
#include "json/merge_patch.hpp"

template retell::core::Result<retell::domain::LlmSettings> retell::json::read<retell::domain::LlmSettings>(
    const retell::json::Value&);
template retell::json::Value retell::json::write<retell::domain::LlmSettings>(const retell::domain::LlmSettings&);

namespace retell::domain {
namespace {

constexpr std::array read_only_members = {"llm_id", "version", "is_published", "last_modification_timestamp"};

// Retell's servers may have ids that it gave them and does not show: then only a tool without any server is wrong.
void check_mcp_tools(json::Problems& problems, const std::string& where, const std::optional<std::vector<Tool>>& tools,
                     const std::optional<std::vector<McpServer>>& servers) {
  std::set<std::string> known;
  bool all_have_ids = true;
  for (const auto& server : servers.value_or(std::vector<McpServer>{})) {
    const auto* id = server.unknown.if_contains("id");
    known.insert(server.name);
    if (id != nullptr && id->is_string())
      known.emplace(id->get_string());
    else
      all_have_ids = false;
  }
  for (std::size_t i = 0; all_have_ids && tools && i < tools->size(); ++i) {
    const auto* tool = std::get_if<McpTool>(&(*tools)[i]);
    if (tool == nullptr || !tool->mcp_id || known.contains(*tool->mcp_id)) continue;
    problems.add(where + "[" + std::to_string(i) + "].mcp_id", "names no MCP server of the LLM");
  }
}

void check_servers(json::Problems& problems, const std::optional<std::vector<McpServer>>& servers) {
  for (std::size_t i = 0; servers && i < servers->size(); ++i) {
    check_address(problems, "mcps[" + std::to_string(i) + "].url", (*servers)[i].url);
  }
}

void check_states(json::Problems& problems, const LlmSettings& s) {
  if (!s.states || s.states->empty()) {
    if (s.starting_state) problems.add("starting_state", "names no state");
    return;
  }
  std::set<std::string> general;
  if (s.general_tools) {
    for (const auto& tool : *s.general_tools) general.insert(tool_name(tool));
  }
  std::set<std::string> names;
  for (const auto& state : *s.states) names.insert(state.name);
  if (names.size() != s.states->size()) problems.add("states", "two states have the same name");
  if (!s.starting_state)
    problems.add("starting_state", "is required when there are states");
  else if (!names.contains(*s.starting_state))
    problems.add("starting_state", "names no state");
  for (std::size_t i = 0; i < s.states->size(); ++i) {
    const auto at = "states[" + std::to_string(i) + "]";
    const auto& state = (*s.states)[i];
    if (!is_tool_name(state.name)) problems.add(at + ".name", "must be 1 to 64 letters, digits, underscores or dashes");
    check_tools(problems, at + ".tools", state.tools, general);
    check_mcp_tools(problems, at + ".tools", state.tools, s.mcps);
    if (!state.edges) continue;
    auto visible = general;
    for (const auto& tool : state.tools.value_or(std::vector<Tool>{})) visible.insert(tool_name(tool));
    for (std::size_t e = 0; e < state.edges->size(); ++e) {
      const auto edge = at + ".edges[" + std::to_string(e) + "]";
      const auto& destination = (*state.edges)[e].destination_state_name;
      if (!names.contains(destination)) problems.add(edge + ".destination_state_name", "names no state");
      if (visible.contains("transition_to_" + destination)) {
        problems.add(edge + ".destination_state_name",
                     "makes a tool transition_to_" + destination + ", and another tool has that name");
      }
      check_parameters(problems, edge + ".parameters", (*state.edges)[e].parameters);
    }
  }
}

void check_prompts(json::Problems& problems, const LlmSettings& s) {
  check_prompt(problems, "general_prompt", s.general_prompt);
  if (!s.states) return;
  const auto general = least_tokens(s.general_prompt.value_or(""));
  for (std::size_t i = 0; i < s.states->size(); ++i) {
    check_prompt(problems, "states[" + std::to_string(i) + "].state_prompt", (*s.states)[i].state_prompt, general,
                 "general_prompt");
  }
}

core::Result<LlmSettings> checked(core::Result<LlmSettings> settings) {
  if (!settings) return settings;
  const auto& s = *settings;
  json::Problems problems;
  if (s.model && s.s2s_model) problems.add("s2s_model", "cannot be set together with model");
  check_range(problems, "model_temperature", s.model_temperature, 0, 1);
  check_at_least(problems, "begin_after_user_silence_ms", s.begin_after_user_silence_ms, 0);
  if (s.kb_config) {
    check_range(problems, "kb_config.top_k", s.kb_config->top_k, 1, 10);
    check_range(problems, "kb_config.filter_score", s.kb_config->filter_score, 0, 1);
  }
  check_servers(problems, s.mcps);
  check_tools(problems, "general_tools", s.general_tools);
  check_mcp_tools(problems, "general_tools", s.general_tools, s.mcps);
  check_states(problems, s);
  check_prompts(problems, s);
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return settings;
}

json::Value without_read_only(const json::Value& body) {
  auto settings = body;
  if (auto* object = settings.if_object()) {
    for (const auto* name : read_only_members) {
      if (const auto it = object->find(name); it != object->end()) object->stable_erase(it);
    }
  }
  return settings;
}

}  // namespace

core::Result<LlmSettings> read_llm_settings(const json::Value& body) {
  return checked(json::read<LlmSettings>(without_read_only(body)));
}

core::Result<LlmSettings> patch_llm_settings(const LlmSettings& settings, const json::Value& body) {
  if (!body.is_object()) return core::fail(core::ErrorCode::invalid, "expected an object");
  auto merged = json::write(settings);
  json::merge_patch(merged, without_read_only(body), 1);
  return checked(json::read<LlmSettings>(merged));
}

References references_of(const LlmSettings& settings) {
  References references;
  add_names(references.knowledge_bases, "knowledge_base_ids",
            settings.knowledge_base_ids.value_or(std::vector<std::string>{}));
  add_agents(references, "general_tools", settings.general_tools);
  for (std::size_t i = 0; settings.states && i < settings.states->size(); ++i) {
    add_agents(references, "states[" + std::to_string(i) + "].tools", (*settings.states)[i].tools);
  }
  return references;
}

json::Value to_json(const LlmSettings& settings) { return json::write(settings); }

json::Value to_json(const RetellLlm& llm) {
  json::Object out;
  out["llm_id"] = llm.llm_id;
  out["version"] = llm.version;
  out["is_published"] = llm.is_published;
  out["last_modification_timestamp"] = llm.last_modification_timestamp;
  const auto settings = json::write(llm.settings);
  for (const auto& member : settings.get_object()) out.emplace(member.key(), member.value());
  return out;
}

}  // namespace retell::domain
