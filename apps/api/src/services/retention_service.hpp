// Deletes what was promised to be deleted: calls whose agent keeps them for a number of days, with their recordings and
// all jobs about them, and jobs that were given up long ago.
#pragma once
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "services/job_runner.hpp"
#include "services/recording_service.hpp"
#include "storage/stores/call_store.hpp"

namespace retell::services {

class RetentionService {
 public:
  // Registers itself with `jobs`, which must outlive it: one process of all looks every ten minutes.
  RetentionService(storage::Database& database, JobRunner& jobs, RecordingService& recordings, const core::Clock& clock,
                   core::Logger log);

  // Deletes all that is due; gives how many calls. A call whose recording cannot be deleted now stays for the next
  // time.
  [[nodiscard]] core::Task<core::Result<int>> sweep();

 private:
  storage::Database& database_;
  storage::CallStore calls_;
  RecordingService& recordings_;
  const core::Clock& clock_;
  core::Logger log_;
};

}  // namespace retell::services
