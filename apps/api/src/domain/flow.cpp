#include "domain/flow.hpp"

#include <set>

#include "domain/flow_checks.hpp"
#include "domain/prompt_size.hpp"
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

void check(json::Problems& problems, const FlowSettings& flow, References& references) {
  std::set<std::string> locals;
  const auto count = flow.components ? flow.components->size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& component = (*flow.components)[i];
    const auto id = component.conversation_flow_component_id.value_or(component.name);
    if (!locals.insert(id).second) {
      problems.add("components[" + std::to_string(i) + "]", "two components have the name or id " + id);
    }
  }
  check_prompt(problems, "global_prompt", flow.global_prompt);
  const GraphPlace place{flow.is_transfer_cf.value_or(false), locals, least_tokens(flow.global_prompt.value_or(""))};
  check_graph(problems, "", flow, place, references);
  for (std::size_t i = 0; i < count; ++i) {
    check_graph(problems, "components[" + std::to_string(i) + "].", (*flow.components)[i], place, references);
  }
  check_range(problems, "model_temperature", flow.model_temperature, 0, 1);
  check_at_least(problems, "begin_after_user_silence_ms", flow.begin_after_user_silence_ms, 0);
  check_knowledge(problems, "kb_config", flow.kb_config);
  add_names(references.knowledge_bases, "knowledge_base_ids",
            flow.knowledge_base_ids.value_or(std::vector<std::string>{}));
}

void check(json::Problems& problems, const FlowComponent& component, References& references) {
  if (component.name.empty()) problems.add("name", "must not be empty");
  check_graph(problems, "", component, {.transfers = true, .components = {}, .prompt_tokens = 0}, references);
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

core::Result<CheckedFlow> of_patch(core::Result<CheckedFlow> flow, const json::Value& body) {
  if (flow) flow->references = named_by(body, std::move(flow->references));
  return flow;
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
  return of_patch(checked<FlowSettings>(patched(settings, body)), body);
}

core::Result<CheckedFlow> check_component(const json::Value& body) { return checked<FlowComponent>(to_store(body)); }

core::Result<CheckedFlow> patch_component(const json::Object& settings, const json::Value& body) {
  return of_patch(checked<FlowComponent>(patched(settings, body)), body);
}

}  // namespace retell::domain
