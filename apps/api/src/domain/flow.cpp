#include "domain/flow.hpp"

#include <set>

#include "domain/flow_checks.hpp"
#include "domain/rules.hpp"
#include "json/merge_patch.hpp"

template retell::json::Value retell::json::schema<retell::domain::FlowSettings>(retell::json::SchemaBook&);
template retell::json::Value retell::json::schema<retell::domain::FlowComponent>(retell::json::SchemaBook&);
template retell::json::Value retell::json::patch_schema<retell::domain::FlowSettings>(retell::json::SchemaBook&);
template retell::json::Value retell::json::patch_schema<retell::domain::FlowComponent>(retell::json::SchemaBook&);

namespace retell::domain {
namespace {

constexpr std::array read_only_members = {"conversation_flow_id",
                                          "conversation_flow_component_id",
                                          "version",
                                          "is_published",
                                          "user_modified_timestamp",
                                          "last_modification_timestamp",
                                          "linked_conversation_flow_ids"};

core::Result<json::Object> to_store(const json::Value& body) { return settings_of(body, read_only_members); }

void add_knowledge_bases(FlowReferences& references, const std::string& where,
                         const std::optional<std::vector<std::string>>& ids) {
  for (std::size_t i = 0; ids && i < ids->size(); ++i) {
    references.knowledge_bases.emplace_back(where + "[" + std::to_string(i) + "]", (*ids)[i]);
  }
}

void check(json::Problems& problems, const FlowSettings& flow, FlowReferences& references) {
  std::set<std::string> locals;
  const auto count = flow.components ? flow.components->size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& component = (*flow.components)[i];
    const auto id = component.conversation_flow_component_id.value_or(component.name);
    if (!locals.insert(id).second) {
      problems.add("components[" + std::to_string(i) + "]", "two components have the name or id " + id);
    }
  }
  check_graph(problems, "", flow, locals, references);
  for (std::size_t i = 0; i < count; ++i) {
    check_graph(problems, "components[" + std::to_string(i) + "].", (*flow.components)[i], locals, references);
  }
  check_range(problems, "model_temperature", flow.model_temperature, 0, 1);
  check_at_least(problems, "begin_after_user_silence_ms", flow.begin_after_user_silence_ms, 0);
  check_knowledge(problems, "kb_config", flow.kb_config);
  add_knowledge_bases(references, "knowledge_base_ids", flow.knowledge_base_ids);
}

void check(json::Problems& problems, const FlowComponent& component, FlowReferences& references) {
  if (component.name.empty()) problems.add("name", "must not be empty");
  check_graph(problems, "", component, {}, references);
}

template <class Shape>
core::Result<CheckedFlow> checked(core::Result<json::Object> settings) {
  if (!settings) return tl::unexpected(settings.error());
  const auto shape = json::read<Shape>(*settings);
  if (!shape) return tl::unexpected(shape.error());
  CheckedFlow result{std::move(*settings), {}};
  json::Problems problems;
  check(problems, *shape, result.references);
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return result;
}

core::Result<json::Object> patched(const json::Object& settings, const json::Value& body) {
  if (!body.is_object()) return core::fail(core::ErrorCode::invalid, "expected an object");
  json::Value merged = settings;
  json::merge_patch(merged, body, 1);
  return to_store(merged);
}

}  // namespace

core::Result<CheckedFlow> check_flow(const json::Value& body) { return checked<FlowSettings>(to_store(body)); }

core::Result<CheckedFlow> patch_flow(const json::Object& settings, const json::Value& body) {
  return checked<FlowSettings>(patched(settings, body));
}

core::Result<CheckedFlow> check_component(const json::Value& body) { return checked<FlowComponent>(to_store(body)); }

core::Result<CheckedFlow> patch_component(const json::Object& settings, const json::Value& body) {
  return checked<FlowComponent>(patched(settings, body));
}

}  // namespace retell::domain
