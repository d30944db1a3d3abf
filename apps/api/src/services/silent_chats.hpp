// Ends the chats in which nobody has said anything for as long as their agent allows, and tells of it: chats that
// nobody looks at end, too.
#pragma once
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "services/chat_webhooks.hpp"
#include "services/job_runner.hpp"

namespace retell::services {

class SilentChats {
 public:
  // Registers itself with `jobs`, which must outlive it: one process of all looks every minute.
  SilentChats(storage::Database& database, JobRunner& jobs, const core::Clock& clock, core::Logger log);

  // Ends all that are due; gives how many.
  [[nodiscard]] core::Task<core::Result<int>> close();

 private:
  [[nodiscard]] core::Task<core::Result<>> close_for_job();

  storage::DocumentStore chats_;
  ChatWebhooks webhooks_;
  const core::Clock& clock_;
  core::Logger log_;
};

}  // namespace retell::services
