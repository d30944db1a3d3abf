#include "services/llm_service.hpp"

#include "core/ids.hpp"
#include "services/version_choice.hpp"

namespace retell::services {

using core::ErrorCode;
using core::fail;

core::Task<core::Result<domain::RetellLlm>> LlmService::create(std::string organization_id, json::Value body) {
  auto settings = domain::read_llm_settings(body);
  if (!settings) co_return tl::unexpected(settings.error());
  const auto known = co_await references_.check(organization_id, domain::references_of(*settings));
  if (!known) co_return tl::unexpected(known.error());
  domain::RetellLlm llm{.llm_id = core::make_id("llm_"),
                        .version = 0,
                        .is_published = false,
                        .last_modification_timestamp = core::epoch_ms(clock_.wall()),
                        .settings = std::move(*settings)};
  const auto done = co_await database_.execute(storage::LlmStore::insert(organization_id, llm));
  if (!done) co_return tl::unexpected(done.error());
  co_return llm;
}

core::Task<core::Error> LlmService::missing(std::string organization_id, std::string llm_id,
                                            storage::VersionChoice version) {
  const auto any = co_await llms_.find(std::move(organization_id), llm_id, {});
  if (!any) co_return any.error();
  co_return core::Error{ErrorCode::unprocessable, not_found_text("Retell LLM " + llm_id, version, any->has_value())};
}

core::Task<core::Result<domain::RetellLlm>> LlmService::get(std::string organization_id, std::string llm_id,
                                                            storage::VersionChoice version) {
  const auto found = co_await llms_.find(organization_id, llm_id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return tl::unexpected(co_await missing(organization_id, llm_id, version));
  co_return **found;
}

core::Task<core::Result<domain::RetellLlm>> LlmService::snapshot(std::string organization_id, std::string llm_id,
                                                                 storage::VersionChoice version) {
  const auto found = co_await llms_.snapshot(organization_id, llm_id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return tl::unexpected(co_await missing(organization_id, llm_id, version));
  co_return **found;
}

core::Task<core::Result<domain::RetellLlm>> LlmService::update(std::string organization_id, std::string llm_id,
                                                               storage::VersionChoice version, json::Value body) {
  auto llm = co_await get(organization_id, llm_id, version);
  if (!llm) co_return llm;
  if (llm->is_published) co_return fail(ErrorCode::invalid, published_text("Retell LLM " + llm_id, llm->version));
  auto settings = domain::patch_llm_settings(llm->settings, body);
  if (!settings) co_return tl::unexpected(settings.error());
  const auto known =
      co_await references_.check(organization_id, domain::named_by(body, domain::references_of(*settings)));
  if (!known) co_return tl::unexpected(known.error());
  llm->settings = std::move(*settings);
  llm->last_modification_timestamp = core::epoch_ms(clock_.wall());
  std::vector<storage::Statement> statements;
  statements.push_back(storage::LlmStore::update_draft(organization_id, *llm));
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return llm;
}

core::Task<core::Result<storage::Page<domain::RetellLlm>>> LlmService::list(std::string organization_id,
                                                                            storage::PageQuery query) {
  co_return co_await llms_.list(std::move(organization_id), std::move(query));
}

core::Task<core::Result<>> LlmService::remove(std::string organization_id, std::string llm_id, bool force) {
  if (!force) {
    const auto users = co_await agents_.using_engine(organization_id, llm_id);
    if (!users) co_return tl::unexpected(users.error());
    if (!users->empty()) {
      co_return fail(ErrorCode::invalid,
                     "the Retell LLM is used by agent " + users->front() + "; set force_delete to delete it anyway");
    }
  }
  const auto done = co_await database_.execute(storage::LlmStore::remove(organization_id, llm_id));
  if (!done) co_return tl::unexpected(done.error());
  if (done->empty()) co_return fail(ErrorCode::unprocessable, "Retell LLM " + llm_id + " not found");
  co_return core::Result<>{};
}

}  // namespace retell::services
