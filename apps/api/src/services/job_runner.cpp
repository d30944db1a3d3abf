#include "services/job_runner.hpp"

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/race.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

constexpr auto lease = 120s;         // what a dead runner delays its jobs by
constexpr auto lease_renewal = 40s;  // while a handler runs
constexpr auto pause = 200ms;
constexpr int most_at_once = 64;

}  // namespace

JobRunner::JobRunner(storage::Database& database, const core::Clock& clock, core::Executor executor, core::Logger log)
    : jobs_(database), clock_(clock), executor_(std::move(executor)), log_(std::move(log)) {}

void JobRunner::handle(std::string kind, JobKind what) { kinds_[std::move(kind)] = std::move(what); }

core::Task<core::Result<>> JobRunner::add(std::string organization_id, std::string kind, std::string payload,
                                          std::string subject) {
  const auto now = core::epoch_ms(clock_.wall());
  storage::Job job;
  job.id = fmt::format("job_{:013}_{:010}_{}", now, made_.fetch_add(1), core::make_id("", 4));
  job.organization_id = std::move(organization_id);
  job.kind = std::move(kind);
  job.payload = std::move(payload);
  job.created_at = now;
  job.subject = std::move(subject);
  co_return co_await jobs_.add(std::move(job), now);
}

core::Task<void> JobRunner::run() {
  core::TaskGroup group(executor_, log_);
  bool begun = false;
  for (;;) {
    if (!begun) begun = co_await begin_recurring();
    if (co_await start_due(group) == 0) co_await core::sleep_for(pause);
  }
}

core::Task<bool> JobRunner::begin_recurring() {
  const auto now = core::epoch_ms(clock_.wall());
  for (const auto& [name, kind] : kinds_) {
    if (kind.every.count() == 0) continue;
    storage::Job job;
    job.id = "job_every_" + name;  // one for all processes
    job.kind = name;
    job.payload = "{}";
    job.created_at = now;
    if (const auto added = co_await jobs_.add(std::move(job), now); !added) co_return false;
  }
  co_return true;
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
  // What only another version of this program knows is left to it: while servers are replaced, both are there.
  std::vector<std::string> known;
  known.reserve(kinds_.size());
  for (const auto& [name, kind] : kinds_) known.push_back(name);
  const auto due = co_await jobs_.lease(core::epoch_ms(clock_.wall()), lease, room, std::move(known));
  if (!due) {
    log_.error("jobs cannot be read: {}", due.error().message);
    co_return 0;
  }
  for (const auto& job : *due) group.spawn("job", run_one(job));
  co_return static_cast<int>(due->size());
}

core::Task<void> JobRunner::keep_leased(storage::Job job) {
  for (;;) {
    co_await core::sleep_for(lease_renewal);
    const auto until = core::epoch_ms(clock_.wall()) + std::chrono::milliseconds(lease).count();
    const auto extended = co_await jobs_.extend(job, until);
    if (!extended) log_.warn("the lease of job {} cannot be extended: {}", job.id, extended.error().message);
  }
}

core::Task<void> JobRunner::run_one(storage::Job job) {
  const auto& kind = kinds_.at(job.kind);
  core::Result<> outcome;
  auto work = [](const JobHandler& handler, const storage::Job& what, core::Result<>& result) -> core::Task<void> {
    result = co_await handler(what);
  };
  try {
    co_await core::race(work(kind.handler, job, outcome), keep_leased(job));
  } catch (const std::exception& thrown) {
    if (core::is_cancellation(std::current_exception())) throw;
    outcome = core::fail(core::ErrorCode::internal, thrown.what());
  }

  const auto now = core::epoch_ms(clock_.wall());
  if (!outcome) log_.warn("job {} of kind {}: {}", job.id, job.kind, outcome.error().message);
  core::Result<bool> stored;
  if (kind.every.count() > 0) {
    stored = co_await jobs_.repeat(job, now + kind.every.count());
  } else if (outcome) {
    stored = co_await jobs_.done(job);
  } else if (job.attempts <= static_cast<std::int64_t>(kind.retries.size())) {
    const auto wait = kind.retries[static_cast<std::size_t>(job.attempts) - 1];
    stored = co_await jobs_.retry(job, now + wait.count(), outcome.error().message);
  } else {
    log_.warn("job {} of kind {} given up after {} tries", job.id, job.kind, job.attempts);
    stored = co_await jobs_.bury(job, outcome.error().message);
  }
  // Left as it is: the lease runs out, and the job is done once more.
  if (!stored) log_.error("job {} cannot be updated: {}", job.id, stored.error().message);
}

}  // namespace retell::services
