// Runs stored jobs: leases what is due, hands it to the handler of its kind, retries later, gives up after the last
// try.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"
#include "storage/stores/job_store.hpp"

namespace retell::services {

// An error means "try again later".
using JobHandler = std::function<core::Task<core::Result<>>(const storage::Job& job)>;

struct JobKind {
  JobHandler handler;
  std::vector<std::chrono::milliseconds> retries = {};  // waits before the second, third, … try; then the job is dead
  // Not 0: the work of all processes together, done again and again at this interval, whether it fails or not.
  std::chrono::milliseconds every{0};
};

class JobRunner {
 public:
  // Lives on `executor`, one thread.
  JobRunner(storage::Database& database, const core::Clock& clock, core::Executor executor, core::Logger log);

  void handle(std::string kind, JobKind what);  // before run()
  // Stores the job, due now. Any thread. `subject`: what it is about.
  [[nodiscard]] core::Task<core::Result<>> add(std::string organization_id, std::string kind, std::string payload,
                                               std::string subject = {});
  // Works until cancelled. Jobs run beside each other, a bounded number at once: a slow one delays nobody.
  [[nodiscard]] core::Task<void> run();
  // Leases what is due and runs it to its end; gives how many there were.
  [[nodiscard]] core::Task<int> run_due();

 private:
  [[nodiscard]] core::Task<int> start_due(core::TaskGroup& group);
  [[nodiscard]] core::Task<void> run_one(storage::Job job);
  [[nodiscard]] core::Task<void> keep_leased(storage::Job job);
  [[nodiscard]] core::Task<bool> begin_recurring();

  storage::JobStore jobs_;
  const core::Clock& clock_;
  core::Executor executor_;
  core::Logger log_;
  std::map<std::string, JobKind> kinds_;
  std::atomic<std::uint64_t> made_{0};  // tells jobs of the same millisecond apart, so that they start in order
};

}  // namespace retell::services
