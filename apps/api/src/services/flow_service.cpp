#include "services/flow_service.hpp"

#include "core/ids.hpp"
#include "services/version_choice.hpp"

namespace retell::services {

using core::ErrorCode;
using core::fail;

json::Object flow_json(const storage::EngineRecord& flow) {
  json::Object out{{"conversation_flow_id", flow.id},
                   {"version", flow.version},
                   {"is_published", flow.is_published},
                   {"last_modification_timestamp", flow.modified_at}};
  for (const auto& member : flow.settings) out.emplace(member.key(), member.value());
  return out;
}

core::Task<core::Result<storage::EngineRecord>> FlowService::create(std::string organization_id, json::Value body) {
  auto checked = domain::check_flow(body);
  if (!checked) co_return tl::unexpected(checked.error());
  const auto known = co_await references_.check(organization_id, std::move(checked->references));
  if (!known) co_return tl::unexpected(known.error());
  storage::EngineRecord flow{.id = core::make_id("conversation_flow_", 6),
                             .modified_at = core::epoch_ms(clock_.wall()),
                             .settings = std::move(checked->settings)};
  const auto done =
      co_await database_.execute(storage::EngineStore::insert(storage::flow_table, organization_id, flow));
  if (!done) co_return tl::unexpected(done.error());
  co_return flow;
}

core::Task<core::Result<storage::EngineRecord>> FlowService::get(std::string organization_id, std::string id,
                                                                 storage::VersionChoice version) {
  auto found = co_await flows_.find(organization_id, id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (found->has_value()) co_return std::move(**found);
  const auto any = co_await flows_.find(std::move(organization_id), id, {});
  if (!any) co_return tl::unexpected(any.error());
  co_return fail(ErrorCode::not_found, not_found_text("Conversation flow " + id, version, any->has_value()));
}

core::Task<core::Result<storage::EngineRecord>> FlowService::update(std::string organization_id, std::string id,
                                                                    storage::VersionChoice version, json::Value body) {
  auto flow = co_await get(organization_id, id, std::move(version));
  if (!flow && flow.error().code == ErrorCode::not_found) {
    co_return fail(ErrorCode::unprocessable, flow.error().message);
  }
  if (!flow) co_return flow;
  if (flow->is_published) {
    co_return fail(ErrorCode::invalid, published_text("Conversation flow " + id, flow->version));
  }
  auto checked = domain::patch_flow(flow->settings, body);
  if (!checked) co_return tl::unexpected(checked.error());
  const auto known = co_await references_.check(organization_id, std::move(checked->references));
  if (!known) co_return tl::unexpected(known.error());
  flow->settings = std::move(checked->settings);
  flow->modified_at = core::epoch_ms(clock_.wall());
  std::vector<storage::Statement> statements;
  statements.push_back(storage::EngineStore::update_draft(storage::flow_table, organization_id, *flow));
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return flow;
}

core::Task<core::Result<storage::Page<storage::EngineRecord>>> FlowService::list(std::string organization_id,
                                                                                 storage::PageQuery query) {
  co_return co_await flows_.list(std::move(organization_id), std::move(query));
}

core::Task<core::Result<>> FlowService::remove(std::string organization_id, std::string id, bool force) {
  const auto there = co_await get(organization_id, id, {});
  if (!there) co_return tl::unexpected(there.error());
  if (!force) {
    const auto users = co_await agents_.using_engine(organization_id, id);
    if (!users) co_return tl::unexpected(users.error());
    if (!users->empty()) {
      co_return fail(ErrorCode::invalid, "the conversation flow is used by agent " + users->front() +
                                             "; set force_delete to delete it anyway");
    }
  }
  const auto done = co_await database_.execute(storage::EngineStore::remove(storage::flow_table, organization_id, id));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

}  // namespace retell::services
