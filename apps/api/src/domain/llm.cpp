#include "domain/llm.hpp"

#include <set>

#include "domain/rules.hpp"
#include "domain/tool_checks.hpp"
#include "json/merge_patch.hpp"

template retell::core::Result<retell::domain::LlmSettings> retell::json::read<retell::domain::LlmSettings>(
    const retell::json::Value&);
template retell::json::Value retell::json::write<retell::domain::LlmSettings>(const retell::domain::LlmSettings&);

namespace retell::domain {
namespace {

constexpr std::array read_only_members = {"llm_id", "version", "is_published", "last_modification_timestamp"};

void check_states(json::Problems& problems, const LlmSettings& s) {
  if (!s.states || s.states->empty()) return;
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
    if (!state.edges) continue;
    for (std::size_t e = 0; e < state.edges->size(); ++e) {
      if (!names.contains((*state.edges)[e].destination_state_name)) {
        problems.add(at + ".edges[" + std::to_string(e) + "].destination_state_name", "names no state");
      }
    }
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
  check_tools(problems, "general_tools", s.general_tools);
  check_states(problems, s);
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
