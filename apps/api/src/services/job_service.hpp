// What operators see of the job queue, and what they can do about jobs that were given up. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "storage/stores/job_store.hpp"

namespace retell::services {

class JobService {
 public:
  JobService(storage::Database& database, const core::Clock& clock) : jobs_(database), clock_(clock) {}

  // In the order of making; an organisation's own, or the whole server's.
  [[nodiscard]] core::Task<core::Result<std::vector<storage::JobState>>> list(
      std::optional<std::string> organization_id, storage::JobQuery query);
  // Runs a dead job again, with all its attempts before it. unprocessable when there is no dead job of that id.
  [[nodiscard]] core::Task<core::Result<>> rerun(std::optional<std::string> organization_id, std::string id);

 private:
  storage::JobStore jobs_;
  const core::Clock& clock_;
};

}  // namespace retell::services
