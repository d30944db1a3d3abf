#include "services/job_service.hpp"

namespace retell::services {

core::Task<core::Result<std::vector<storage::JobState>>> JobService::list(std::optional<std::string> organization_id,
                                                                          storage::JobQuery query) {
  co_return co_await jobs_.list(std::move(organization_id), std::move(query));
}

core::Task<core::Result<>> JobService::rerun(std::optional<std::string> organization_id, std::string id) {
  const auto revived = co_await jobs_.revive(std::move(organization_id), id, core::epoch_ms(clock_.wall()));
  if (!revived) co_return tl::unexpected(revived.error());
  if (!*revived) co_return core::fail(core::ErrorCode::unprocessable, "there is no dead job " + id);
  co_return core::Result<>{};
}

}  // namespace retell::services
