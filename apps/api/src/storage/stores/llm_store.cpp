#include "storage/stores/llm_store.hpp"

namespace retell::storage {
namespace {

core::Result<domain::RetellLlm> to_llm(const EngineRecord& record) {
  auto settings = json::read<domain::LlmSettings>(record.settings);
  if (!settings) return core::fail(core::ErrorCode::io, "LLM " + record.id + ": " + settings.error().message);
  return domain::RetellLlm{.llm_id = record.id,
                           .version = record.version,
                           .is_published = record.is_published,
                           .last_modification_timestamp = record.modified_at,
                           .settings = std::move(*settings)};
}

EngineRecord to_record(const domain::RetellLlm& llm) {
  return {.id = llm.llm_id,
          .version = llm.version,
          .is_published = llm.is_published,
          .modified_at = llm.last_modification_timestamp,
          .settings = to_json(llm.settings).as_object()};
}

core::Result<std::optional<domain::RetellLlm>> maybe_llm(const core::Result<std::optional<EngineRecord>>& record) {
  if (!record) return tl::unexpected(record.error());
  std::optional<domain::RetellLlm> found;
  if (record->has_value()) {
    auto llm = to_llm(**record);
    if (!llm) return tl::unexpected(llm.error());
    found = std::move(*llm);
  }
  return found;
}

}  // namespace

core::Task<core::Result<std::optional<domain::RetellLlm>>> LlmStore::find(std::string organization_id,
                                                                          std::string llm_id, VersionChoice version) {
  co_return maybe_llm(co_await records_.find(std::move(organization_id), std::move(llm_id), std::move(version)));
}

core::Task<core::Result<std::optional<domain::RetellLlm>>> LlmStore::snapshot(std::string organization_id,
                                                                              std::string llm_id,
                                                                              VersionChoice version) {
  co_return maybe_llm(co_await records_.snapshot(std::move(organization_id), std::move(llm_id), std::move(version)));
}

core::Task<core::Result<Page<domain::RetellLlm>>> LlmStore::list(std::string organization_id, PageQuery query) {
  const auto records = co_await records_.list(std::move(organization_id), std::move(query));
  if (!records) co_return tl::unexpected(records.error());
  Page<domain::RetellLlm> page{{}, records->has_more, records->next};
  for (const auto& record : records->items) {
    auto llm = to_llm(record);
    if (!llm) co_return tl::unexpected(llm.error());
    page.items.push_back(std::move(*llm));
  }
  co_return page;
}

Statement LlmStore::insert(const std::string& organization_id, const domain::RetellLlm& llm) {
  return EngineStore::insert(llm_table, organization_id, to_record(llm));
}

Statement LlmStore::update_draft(const std::string& organization_id, const domain::RetellLlm& llm) {
  return EngineStore::update_draft(llm_table, organization_id, to_record(llm));
}

Statement LlmStore::remove(const std::string& organization_id, const std::string& llm_id) {
  return EngineStore::remove(llm_table, organization_id, llm_id);
}

}  // namespace retell::storage
