#include "services/engine_directory.hpp"

#include "services/version_choice.hpp"

namespace retell::services {

using core::ErrorCode;
using core::fail;
using Kind = storage::VersionChoice::Kind;

struct EngineDirectory::Place {
  storage::EngineTable table;
  std::string id;
  std::optional<std::int32_t> version;
};

std::optional<EngineDirectory::Place> EngineDirectory::place_of(const domain::ResponseEngine& engine) {
  if (const auto* llm = std::get_if<domain::RetellLlmEngine>(&engine)) {
    return Place{storage::llm_table, llm->llm_id, llm->version};
  }
  if (const auto* flow = std::get_if<domain::ConversationFlowEngine>(&engine)) {
    return Place{storage::flow_table, flow->conversation_flow_id, flow->version};
  }
  return std::nullopt;  // a customer's own server
}

namespace {

domain::ResponseEngine with_version(domain::ResponseEngine engine, std::int32_t version) {
  if (auto* llm = std::get_if<domain::RetellLlmEngine>(&engine)) llm->version = version;
  if (auto* flow = std::get_if<domain::ConversationFlowEngine>(&engine)) flow->version = version;
  return engine;
}

}  // namespace

core::Task<core::Result<storage::EngineRecord>> EngineDirectory::find(std::string organization_id, Place place) {
  const bool is_llm = place.table.name == storage::llm_table.name;
  auto& store = is_llm ? llms_ : flows_;
  storage::VersionChoice choice;
  if (place.version) choice = {Kind::exact, *place.version};
  auto found = co_await store.find(organization_id, place.id, choice);
  if (!found) co_return tl::unexpected(found.error());
  if (found->has_value()) co_return std::move(**found);
  const auto any = co_await store.find(std::move(organization_id), place.id, {});
  if (!any) co_return tl::unexpected(any.error());
  const auto record = (is_llm ? "Retell LLM " : "Conversation flow ") + place.id;
  const std::string_view member = any->has_value() ? "version" : place.table.id_column;
  co_return fail(ErrorCode::unprocessable, not_found_text(record, choice, any->has_value()),
                 "response_engine." + std::string(member));
}

core::Task<core::Result<>> EngineDirectory::check(std::string organization_id, domain::ResponseEngine engine) {
  const auto place = place_of(engine);
  if (!place) co_return core::Result<>{};
  const auto found = co_await find(std::move(organization_id), *place);
  if (!found) co_return tl::unexpected(found.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<EngineDirectory::Draft>>> EngineDirectory::draft(std::string organization_id,
                                                                                       domain::ResponseEngine engine) {
  const auto place = place_of(engine);
  if (!place) co_return std::nullopt;
  auto record = co_await find(std::move(organization_id), *place);
  if (!record) co_return tl::unexpected(record.error());
  if (record->is_published) co_return std::nullopt;
  co_return Draft{place->table, std::move(*record)};
}

core::Task<core::Result<EngineDirectory::Step>> EngineDirectory::branch(std::string organization_id,
                                                                        domain::ResponseEngine engine) {
  const auto place = place_of(engine);
  if (!place) co_return Step{std::move(engine)};
  auto record = co_await find(organization_id, *place);
  if (!record) co_return tl::unexpected(record.error());
  if (!record->is_published) co_return Step{std::move(engine)};
  const auto newest = co_await find(organization_id, {place->table, place->id, std::nullopt});
  if (!newest) co_return tl::unexpected(newest.error());
  record->version = newest->version + 1;
  record->is_published = false;
  record->modified_at = core::epoch_ms(clock_.wall());
  Step step{with_version(std::move(engine), record->version)};
  step.statements.push_back(storage::EngineStore::insert(place->table, organization_id, *record));
  co_return step;
}

core::Task<core::Result<EngineDirectory::Step>> EngineDirectory::freeze(std::string organization_id,
                                                                        domain::ResponseEngine engine) {
  const auto place = place_of(engine);
  if (!place) co_return Step{std::move(engine)};
  const auto record = co_await find(organization_id, *place);
  if (!record) co_return tl::unexpected(record.error());
  Step step{with_version(std::move(engine), record->version)};
  step.statements.push_back(storage::EngineStore::publish(place->table, organization_id, record->id, record->version));
  co_return step;
}

}  // namespace retell::services
