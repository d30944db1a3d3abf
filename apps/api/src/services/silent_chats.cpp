#include "services/silent_chats.hpp"

#include "services/chat_record.hpp"

namespace retell::services {
namespace {

constexpr int batch = 100;
constexpr auto interval = std::chrono::minutes(1);

}  // namespace

SilentChats::SilentChats(storage::Database& database, JobRunner& jobs, const core::Clock& clock, core::Logger log)
    : chats_(database, storage::DocumentKind::chat), webhooks_(database, clock), clock_(clock), log_(std::move(log)) {
  JobKind kind;
  kind.handler = [this](const storage::Job&) { return close_for_job(); };
  kind.every = interval;
  jobs.handle("silent_chats", std::move(kind));
}

core::Task<core::Result<>> SilentChats::close_for_job() {
  const auto closed = co_await close();
  if (!closed) co_return tl::unexpected(closed.error());
  co_return core::Result<>{};
}

core::Task<core::Result<int>> SilentChats::close() {
  const auto now = core::epoch_ms(clock_.wall());
  int ended = 0;
  std::string after;
  for (;;) {
    const auto due = co_await chats_.closing(now, after, batch);
    if (!due) co_return tl::unexpected(due.error());
    for (const auto& [organization_id, id] : *due) {
      after = id;
      const auto url = co_await webhooks_.common_url(organization_id);
      if (!url) co_return tl::unexpected(url.error());
      bool ends = false;
      const auto changed = co_await chats_.change_with(organization_id, id, [&](storage::Document& chat) {
        ends = chat_is_open(chat);
        settle_chat(chat, now);
        ends = ends && !chat_is_open(chat);
        std::vector<storage::Statement> news;
        if (ends) news = tell_end(webhooks_, organization_id, *url, chat);
        set_times(chat);
        return core::Result<std::vector<storage::Statement>>(std::move(news));
      });
      if (!changed) {
        log_.warn("chat {} cannot be ended yet: {}", id, changed.error().message);
        continue;
      }
      if (ends) ++ended;
    }
    if (due->size() < static_cast<std::size_t>(batch)) co_return ended;
  }
}

}  // namespace retell::services
