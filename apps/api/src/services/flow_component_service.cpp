#include "services/flow_component_service.hpp"

#include <algorithm>
#include <set>

#include "core/ids.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

tl::unexpected<core::Error> none(const std::string& id) {
  return fail(ErrorCode::not_found, "Conversation flow component " + id + " not found");
}

std::string_view text(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

// The nodes of a flow or component, and of the components inside it, that stand for the shared component `id`.
void visit_uses(json::Object& graph, std::string_view id, const std::function<void(json::Object& node)>& use) {
  if (auto* nodes = graph.if_contains("nodes"); nodes != nullptr && nodes->is_array()) {
    for (auto& node : nodes->get_array()) {
      auto* object = node.if_object();
      if (object == nullptr || text(*object, "type") != "component") continue;
      if (text(*object, "component_type") == "shared" && text(*object, "component_id") == id) use(*object);
    }
  }
  if (auto* inner = graph.if_contains("components"); inner != nullptr && inner->is_array()) {
    for (auto& component : inner->get_array()) {
      if (auto* object = component.if_object()) visit_uses(*object, id, use);
    }
  }
}

bool uses(json::Object graph, std::string_view id) {
  bool any = false;
  visit_uses(graph, id, [&](json::Object&) { any = true; });
  return any;
}

// Puts a copy of the component into the flow, and has the flow's nodes stand for that.
void take_in(json::Object& flow, const storage::Document& component) {
  visit_uses(flow, component.id, [](json::Object& node) { node["component_type"] = "local"; });
  auto copy = component.body;
  copy["conversation_flow_component_id"] = component.id;
  auto& inner = flow["components"];
  if (!inner.is_array()) inner = json::Array{};
  inner.get_array().push_back(std::move(copy));
}

}  // namespace

json::Object to_json(const FlowComponentView& component) {
  json::Object out{{"conversation_flow_component_id", component.document.id},
                   {"user_modified_timestamp", component.document.modified_at}};
  json::Array flows;
  for (const auto& id : component.flows) flows.emplace_back(id);
  out["linked_conversation_flow_ids"] = std::move(flows);
  for (const auto& member : component.document.body) out.emplace(member.key(), member.value());
  return out;
}

core::Task<core::Result<std::vector<storage::EngineRecord>>> FlowComponentService::users(std::string organization_id,
                                                                                         std::string id) {
  auto some = co_await flows_.mentioning(std::move(organization_id), id);
  if (some) std::erase_if(*some, [&](const auto& flow) { return !uses(flow.settings, id); });
  co_return some;
}

core::Task<core::Result<>> FlowComponentService::check_references(std::string organization_id, std::string own_id,
                                                                  domain::References references) {
  const auto known = co_await references_.check(
      organization_id, {.knowledge_bases = references.knowledge_bases, .agents = references.agents});
  if (!known) co_return known;
  json::Problems problems;
  // Every component that can be reached from here, so that none contains itself.
  std::set<std::string> seen;
  auto open = std::move(references.shared_components);
  while (!open.empty()) {
    const auto [field, id] = std::move(open.back());
    open.pop_back();
    if (id == own_id) {
      problems.add(field, "a component cannot contain itself");
      break;
    }
    if (!seen.insert(id).second) continue;
    const auto found = co_await components_.find(organization_id, id);
    if (!found) co_return tl::unexpected(found.error());
    if (!found->has_value()) {
      problems.add(field, "names no component of this account");
      continue;
    }
    if (const auto inner = domain::check_component((*found)->body)) {
      for (const auto& [path, next] : inner->references.shared_components) open.emplace_back(field, next);
    }
  }
  if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error());
  co_return core::Result<>{};
}

core::Task<core::Result<FlowComponentView>> FlowComponentService::create(std::string organization_id,
                                                                         json::Value body) {
  auto checked = domain::check_component(body);
  if (!checked) co_return tl::unexpected(checked.error());
  const auto known = co_await check_references(organization_id, "", std::move(checked->references));
  if (!known) co_return tl::unexpected(known.error());
  const auto now = core::epoch_ms(clock_.wall());
  storage::Document document{.id = core::make_id("conversation_flow_component_", 6),
                             .body = std::move(checked->settings),
                             .created_at = now,
                             .modified_at = now};
  const auto done = co_await components_.insert(std::move(organization_id), document);
  if (!done) co_return tl::unexpected(done.error());
  co_return FlowComponentView{std::move(document)};
}

core::Task<core::Result<FlowComponentView>> FlowComponentService::get(std::string organization_id, std::string id) {
  auto found = co_await components_.find(organization_id, id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(id);
  const auto flows = co_await users(std::move(organization_id), id);
  if (!flows) co_return tl::unexpected(flows.error());
  std::set<std::string> ids;
  for (const auto& flow : *flows) ids.insert(flow.id);
  co_return FlowComponentView{std::move(**found), {ids.begin(), ids.end()}};
}

core::Task<core::Result<FlowComponentView>> FlowComponentService::update(std::string organization_id, std::string id,
                                                                         json::Value body) {
  const auto before = co_await components_.find(organization_id, id);
  if (!before) co_return tl::unexpected(before.error());
  if (!before->has_value()) co_return none(id);
  auto checked = domain::patch_component((*before)->body, body);
  if (!checked) co_return tl::unexpected(checked.error());
  const auto known = co_await check_references(organization_id, id, std::move(checked->references));
  if (!known) co_return tl::unexpected(known.error());
  const auto changed = co_await components_.change(organization_id, id, [&](storage::Document& document) {
    auto again = domain::patch_component(document.body, body);
    if (!again) return core::Result<>(tl::unexpected(again.error()));
    document.body = std::move(again->settings);
    document.modified_at = core::epoch_ms(clock_.wall());
    return core::Result<>{};
  });
  if (!changed) co_return tl::unexpected(changed.error());
  co_return co_await get(std::move(organization_id), std::move(id));
}

core::Task<core::Result<storage::Page<FlowComponentView>>> FlowComponentService::list(std::string organization_id,
                                                                                      storage::PageQuery query) {
  const auto some = co_await components_.list(organization_id, std::move(query));
  if (!some) co_return tl::unexpected(some.error());
  storage::Page<FlowComponentView> page{{}, some->has_more, some->next};
  for (const auto& document : some->items) {
    auto view = co_await get(organization_id, document.id);
    if (view) page.items.push_back(std::move(*view));
  }
  co_return page;
}

core::Task<core::Result<>> FlowComponentService::remove(std::string organization_id, std::string id) {
  const auto found = co_await components_.find(organization_id, id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(id);
  storage::DocumentStore::Search search;
  search.fits = [&](const storage::Document& other) { return uses(other.body, id); };
  const auto others = co_await components_.search(organization_id, std::move(search));
  if (!others) co_return tl::unexpected(others.error());
  if (!others->page.items.empty()) {
    co_return fail(ErrorCode::invalid, "component " + others->page.items.front().id + " contains it");
  }
  auto flows = co_await users(organization_id, id);
  if (!flows) co_return tl::unexpected(flows.error());
  std::vector<storage::Statement> statements;
  for (auto& flow : *flows) {
    take_in(flow.settings, **found);
    statements.push_back(storage::EngineStore::rewrite(storage::flow_table, organization_id, flow));
  }
  statements.push_back(components_.removal(organization_id, id));
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

}  // namespace retell::services
