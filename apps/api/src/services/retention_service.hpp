// Deletes what was promised to be deleted: calls and chats whose agent keeps them for a number of days, with their
// recordings, their webhooks and all jobs about them, and jobs that were given up long ago.
#pragma once
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "services/job_runner.hpp"
#include "services/recording_service.hpp"
#include "services/silent_chats.hpp"
#include "storage/stores/call_store.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services {

class RetentionService {
 public:
  // Registers itself with `jobs`, which must outlive it: one process of all looks every ten minutes.
  RetentionService(storage::Database& database, JobRunner& jobs, RecordingService& recordings, const core::Clock& clock,
                   core::Logger log);

  // Deletes all that is due; gives how many calls and chats. A call whose recording cannot be deleted now stays for the
  // next time.
  [[nodiscard]] core::Task<core::Result<int>> sweep();

 private:
  [[nodiscard]] core::Task<core::Result<>> sweep_for_job();
  [[nodiscard]] core::Task<core::Result<int>> sweep_calls(std::int64_t now);
  [[nodiscard]] core::Task<core::Result<int>> sweep_chats(std::int64_t now);

  storage::Database& database_;
  storage::CallStore calls_;
  storage::DocumentStore chats_;
  SilentChats silent_chats_;  // a chat is kept for so long after its end
  RecordingService& recordings_;
  const core::Clock& clock_;
  core::Logger log_;
};

}  // namespace retell::services
