#include "services/retention_service.hpp"

#include "storage/stores/webhook_store.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

constexpr int batch = 100;
constexpr auto interval = 10min;
constexpr auto dead_jobs_stay = std::chrono::hours(24 * 30);  // they hold what calls were about

}  // namespace

RetentionService::RetentionService(storage::Database& database, JobRunner& jobs, RecordingService& recordings,
                                   const core::Clock& clock, core::Logger log)
    : database_(database),
      calls_(database),
      chats_(database, storage::DocumentKind::chat),
      silent_chats_(database, jobs, clock, log),
      recordings_(recordings),
      clock_(clock),
      log_(std::move(log)) {
  JobKind kind;
  kind.handler = [this](const storage::Job&) { return sweep_for_job(); };
  kind.every = interval;
  jobs.handle("retention", std::move(kind));
}

core::Task<core::Result<>> RetentionService::sweep_for_job() {
  const auto swept = co_await sweep();
  if (!swept) co_return tl::unexpected(swept.error());
  co_return core::Result<>{};
}

core::Task<core::Result<int>> RetentionService::sweep() {
  const auto now = core::epoch_ms(clock_.wall());
  const auto calls = co_await sweep_calls(now);
  if (!calls) co_return calls;
  const auto chats = co_await sweep_chats(now);
  if (!chats) co_return chats;
  const auto forgotten =
      co_await storage::JobStore(database_).forget_dead(now - std::chrono::milliseconds(dead_jobs_stay).count());
  if (!forgotten) co_return tl::unexpected(forgotten.error());
  if (*calls + *chats > 0) log_.info("deleted {} calls and {} chats whose time had come", *calls, *chats);
  co_return *calls + *chats;
}

core::Task<core::Result<int>> RetentionService::sweep_calls(std::int64_t now) {
  int deleted = 0;
  std::string after;
  for (;;) {
    const auto due = co_await calls_.expired(now, after, batch);
    if (!due) co_return tl::unexpected(due.error());
    for (const auto& one : *due) {
      after = one.call_id;
      if (!one.recording_key.empty()) {
        const auto gone = co_await recordings_.forget(one.recording_key);
        if (!gone) {
          log_.with("call_id", one.call_id).warn("the recording cannot be deleted yet: {}", gone.error().message);
          continue;
        }
      }
      const auto done =
          co_await database_.transaction(storage::CallStore::remove_all_of(one.organization_id, one.call_id));
      if (!done) co_return tl::unexpected(done.error());
      ++deleted;
    }
    if (due->size() < static_cast<std::size_t>(batch)) co_return deleted;
  }
}

core::Task<core::Result<int>> RetentionService::sweep_chats(std::int64_t now) {
  int deleted = 0;
  std::string after;
  for (;;) {
    const auto due = co_await chats_.expired(now, after, batch);
    if (!due) co_return tl::unexpected(due.error());
    for (const auto& [organization_id, id] : *due) {
      after = id;
      auto statements = storage::WebhookStore::forget_call(organization_id, id);
      statements.push_back(chats_.removal(organization_id, id));
      const auto done = co_await database_.transaction(std::move(statements));
      if (!done) co_return tl::unexpected(done.error());
      ++deleted;
    }
    if (due->size() < static_cast<std::size_t>(batch)) co_return deleted;
  }
}

}  // namespace retell::services
