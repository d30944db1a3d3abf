// Webhooks in the job queue, where earlier versions of this program kept them until they were delivered: they move to
// the outbox. At start those of before; later those of a server of such a version that runs beside this one while it is
// being replaced.
#pragma once
#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/job_runner.hpp"
#include "services/webhook_service.hpp"

namespace retell::services {

class WebhookJobs {
 public:
  // Registers itself with `jobs`, which must outlive it, as the others must.
  WebhookJobs(storage::Database& database, JobRunner& jobs, WebhookService& webhooks, const core::Clock& clock);

  // Moves all there are in the order of their making, with all attempts before them; those that were given up become
  // failed deliveries, which can be sent again. Whoever just has one in hand may deliver it too: at least once. Gives
  // how many were moved. Any thread.
  [[nodiscard]] core::Task<core::Result<int>> move();

 private:
  [[nodiscard]] core::Task<core::Result<>> take(storage::Job job);

  storage::Database& database_;
  storage::JobStore jobs_;
  WebhookService& webhooks_;
  const core::Clock& clock_;
};

}  // namespace retell::services
