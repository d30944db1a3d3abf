#include "services/job_runner.hpp"

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/race.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

constexpr auto lease = 120s;  // longer than any handler's own deadline
constexpr auto pause = 200ms;
constexpr int most_at_once = 64;

}  // namespace

JobRunner::JobRunner(storage::Database& database, const core::Clock& clock, core::Executor executor, core::Logger log)
    : jobs_(database), clock_(clock), executor_(std::move(executor)), log_(std::move(log)) {}

void JobRunner::handle(std::string kind, JobKind what) { kinds_[std::move(kind)] = std::move(what); }

core::Task<core::Result<>> JobRunner::add(std::string organization_id, std::string kind, std::string payload) {
  const auto now = core::epoch_ms(clock_.wall());
  storage::Job job;
  job.id = fmt::format("job_{:013}_{:010}_{}", now, made_.fetch_add(1), core::make_id("", 4));
  job.organization_id = std::move(organization_id);
  job.kind = std::move(kind);
  job.payload = std::move(payload);
  job.created_at = now;
  co_return co_await jobs_.add(std::move(job), now);
}

core::Task<void> JobRunner::run() {
  core::TaskGroup group(executor_, log_);
  for (;;) {
    if (co_await start_due(group) == 0) co_await core::sleep_for(pause);
  }
}

core::Task<int> JobRunner::run_due() {
  core::TaskGroup group(executor_, log_);
  const int started = co_await start_due(group);
  co_await group.join();
  co_return started;
}

core::Task<int> JobRunner::start_due(core::TaskGroup& group) {
  const int room = most_at_once - static_cast<int>(group.size());
  if (room <= 0) co_return 0;
  const auto due = co_await jobs_.lease(core::epoch_ms(clock_.wall()), lease, room);
  if (!due) {
    log_.error("jobs cannot be read: {}", due.error().message);
    co_return 0;
  }
  for (const auto& job : *due) group.spawn("job", run_one(job));
  co_return static_cast<int>(due->size());
}

core::Task<void> JobRunner::run_one(storage::Job job) {
  const auto kind = kinds_.find(job.kind);
  if (kind == kinds_.end()) {
    (void)co_await jobs_.bury(job.id, "no handler for this kind");
    co_return;
  }
  const auto outcome = co_await kind->second.handler(job);
  core::Result<> stored;
  if (outcome) {
    stored = co_await jobs_.done(job.id);
  } else if (const auto& retries = kind->second.retries; job.attempts <= static_cast<std::int64_t>(retries.size())) {
    const auto wait = retries[static_cast<std::size_t>(job.attempts) - 1];
    stored = co_await jobs_.retry(job.id, core::epoch_ms(clock_.wall()) + wait.count(), outcome.error().message);
  } else {
    log_.warn("job {} of kind {} given up after {} tries: {}", job.id, job.kind, job.attempts, outcome.error().message);
    stored = co_await jobs_.bury(job.id, outcome.error().message);
  }
  if (!stored) log_.error("job {} cannot be updated: {}", job.id, stored.error().message);
}

}  // namespace retell::services
