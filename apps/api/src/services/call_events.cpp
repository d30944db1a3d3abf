// The half of CallService that follows calls: what they report is applied in order, stored, and told to webhooks.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/race.hpp"
#include "services/call_record.hpp"
#include "services/call_service.hpp"

namespace retell::services {

using domain::WebhookEvent;

namespace {

constexpr std::chrono::minutes minding_gap{1};
// What is to be stored waits for the database, and after close() a little longer.
constexpr auto first_pause = std::chrono::milliseconds(100);
constexpr auto longest_pause = std::chrono::milliseconds(2'000);
constexpr auto patience_at_the_end = std::chrono::seconds(8);

}  // namespace

engine::CallEventSink CallService::sink(const std::string& call_id) {
  return [this, call_id](const engine::CallEvent& event) {
    if (const auto* started = std::get_if<engine::CallStarted>(&event))
      report(call_id, *started);
    else if (const auto* updated = std::get_if<engine::TranscriptUpdated>(&event))
      report(call_id, *updated);
    else if (const auto* ended = std::get_if<engine::CallEnded>(&event))
      report(call_id, *ended);
  };
}

void CallService::report(std::string call_id, Happening what) {
  core::asio::post(executor_,
                   [reports = reports_, log = log_, id = std::move(call_id), one = std::move(what)]() mutable {
                     // After close() its record is closed by the next start.
                     if (!reports->push(id, std::move(one)))
                       log.with("call_id", id).warn("an event of the call came after the end");
                   });
}

// A transcript holds all that an older one held.
void CallService::join_report(std::deque<Happening>& waiting, Happening what) {
  const bool newer = std::holds_alternative<engine::TranscriptUpdated>(what) && !waiting.empty() &&
                     std::holds_alternative<engine::TranscriptUpdated>(waiting.back());
  if (newer) waiting.pop_back();
  waiting.push_back(std::move(what));
}

void CallService::close() {
  // Posted behind the reports that are already under way.
  core::asio::post(executor_, [reports = reports_] { reports->close(); });
}

core::Task<void> CallService::run() { return reports_->run(); }

core::Task<void> CallService::apply(std::string call_id, Happening what) {
  if (const auto* started = std::get_if<engine::CallStarted>(&what)) {
    const auto call = change(call_id, [&](storage::StoredCall& stored) {
      stored.call.call_status = domain::CallStatus::ongoing;
      stored.call.start_timestamp = core::epoch_ms(started->at);
      stored.arrangement.clear();  // nobody can take it over any more
    });
    if (!call) co_return;  // ended meanwhile
    Deliveries news;
    co_await tell(*call, WebhookEvent::call_started, news);
    co_await store(*call, std::move(news));
  } else if (const auto* updated = std::get_if<engine::TranscriptUpdated>(&what)) {
    const auto call =
        change(call_id, [&](storage::StoredCall& stored) { set_transcript(stored.call, updated->transcript); });
    if (!call) co_return;
    Deliveries news;
    co_await tell(*call, WebhookEvent::transcript_updated, news);
    co_await store(*call, std::move(news));
  } else if (auto* ended = std::get_if<engine::CallEnded>(&what)) {
    if (auto call = live(call_id)) co_await apply_end(std::move(*call), std::move(*ended));
  } else if (auto* rewriting = std::get_if<std::shared_ptr<Rewriting>>(&what)) {
    co_await apply_rewriting(std::move(call_id), std::move(*rewriting));
  } else {
    co_await apply_unconnected(std::move(call_id), std::get<Unconnected>(what));
  }
}

core::Task<core::Result<bool>> CallService::rewrite(std::string call_id) {
  auto errand = co_await core::current_errand<core::Errand>();
  // The caller's cancellation would be emitted on another thread: it waits instead.
  co_return co_await core::asio::co_spawn(
      executor_, rewrite_here(std::move(call_id), std::move(errand)),
      core::asio::bind_cancellation_slot(core::asio::cancellation_slot(), core::asio::use_awaitable));
}

// Behind what the call has reported: written at once, the record might overwrite what is being stored at this moment,
// and even its end.
core::Task<core::Result<bool>> CallService::rewrite_here(std::string call_id, std::shared_ptr<core::Errand> errand) {
  auto waiting = std::make_shared<Rewriting>(executor_, std::move(errand));
  // After close() nothing of a live call is stored any more; the next start closes its record.
  if (!reports_->push(call_id, waiting)) co_return true;
  while (!waiting->over) {
    boost::system::error_code ignored;
    co_await waiting->done.async_wait(core::asio::redirect_error(core::asio::use_awaitable, ignored));
  }
  co_return waiting->outcome;
}

core::Task<void> CallService::apply_rewriting(std::string call_id, std::shared_ptr<Rewriting> what) {
  // Whatever happens, somebody waits.
  const std::unique_ptr<Rewriting, void (*)(Rewriting*)> end(what.get(), [](Rewriting* one) {
    one->over = true;
    one->done.cancel();
  });
  const auto call = live(call_id);
  if (!call) co_return;
  const Deliveries none;  // outlives what it is handed to
  const auto stored = co_await core::on_errand(what->errand, insist([&] { return store_once(call->stored, none); }));
  if (stored)
    what->outcome = true;
  else
    what->outcome = tl::unexpected(stored.error());
}

core::Task<void> CallService::apply_unconnected(std::string call_id, Unconnected what) {
  auto call = live(call_id);
  const bool waits = call && call->stored.call.call_status == domain::CallStatus::registered;
  if (waits && co_await moved_on(*call)) {
    let_go(*call);
    call.reset();
  }
  if (call) {
    finish_unconnected(call->stored.call, what.reason, core::epoch_ms(parts_.clock.wall()));
    co_await finish(std::move(*call));
  } else if (!what.missed) {
    co_await tell_holder(std::move(call_id), what.reason);
  }
}

core::Task<void> CallService::apply_end(Live live, engine::CallEnded ended) {
  finish_call(live.stored.call, ended);
  if (!ended.detail.empty()) log_.with("call_id", live.stored.call.call_id).warn("the call ended: {}", ended.detail);
  if (!ended.recording_path.empty()) {
    const auto kept = co_await keep_recording(live, std::move(ended.recording_path));
    if (!kept) log_.with("call_id", live.stored.call.call_id).error("the recording is lost: {}", kept.error().message);
  }
  co_await finish(std::move(live));
}

core::Task<core::Result<>> CallService::keep_recording(Live& live, std::string path) {
  const bool signed_only = live.agent.opt_in_signed_url.value_or(false);
  const auto lifetime =
      live.agent.signed_url_expiration_ms.value_or(static_cast<double>(parts_.config.recordings.url_lifetime.count()));
  co_return co_await parts_.recordings.keep(live.stored, std::move(path),
                                            signed_only ? static_cast<std::int64_t>(lifetime) : 0);
}

core::Task<void> CallService::finish(Live live) {
  const auto id = live.stored.call.call_id;
  Deliveries news;
  co_await tell(live, WebhookEvent::transcript_updated, news);
  co_await tell(live, WebhookEvent::call_ended, news);
  live.stored.call.call_analysis = basic_analysis(live.stored.call);
  co_await tell(live, WebhookEvent::call_analyzed, news);
  if (!keeps_content(live.stored.call)) {
    // It may have been told so only while it ran.
    if (const auto gone = co_await drop_content(live.stored); !gone)
      log_.with("call_id", id).error("what was to be forgotten is still there: {}", gone.error().message);
    strip_content(live.stored.call);
  }
  live.stored.arrangement.clear();
  live.stored.expires_at = expiry(live.agent, core::epoch_ms(parts_.clock.wall()));
  co_await store(live, std::move(news));
  {
    const std::lock_guard lock(mutex_);
    live_.erase(id);
  }
  parts_.registry.release(std::move(live.stored.organization_id), id);
}

core::Task<core::Result<>> CallService::drop_content(storage::StoredCall& stored) {
  const auto bodies = co_await parts_.database.execute(
      storage::WebhookStore::forget_bodies(stored.organization_id, stored.call.call_id));
  if (!bodies) co_return tl::unexpected(bodies.error());
  if (stored.recording_key.empty()) co_return core::Result<>{};
  const auto gone = co_await parts_.recordings.forget(stored.recording_key);
  if (!gone) co_return gone;
  stored.recording_key.clear();
  co_return core::Result<>{};
}

core::Task<core::Result<>> CallService::insist(const std::function<core::Task<core::Result<>>()>& work) {
  for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    auto done = co_await work();
    const bool may_help =
        !done && (done.error().code == core::ErrorCode::unavailable || done.error().code == core::ErrorCode::timeout);
    if (!may_help) co_return done;
    const auto now = std::chrono::steady_clock::now();
    if (reports_->closed() && last_moment_ == core::TimePoint{}) last_moment_ = now + patience_at_the_end;
    if (reports_->closed() && now > last_moment_) co_return done;
    if (pause == first_pause) log_.warn("what calls report waits for the database: {}", done.error().message);
    co_await core::sleep_for(pause);
  }
}

core::Task<void> CallService::store(const Live& live, Deliveries news) {
  const auto done = co_await insist([&] { return store_once(live.stored, news); });
  if (!done)
    log_.with("call_id", live.stored.call.call_id).error("the record was not stored: {}", done.error().message);
  if (!news.empty()) parts_.webhooks.wake();
}

core::Task<core::Result<>> CallService::store_once(const storage::StoredCall& stored, const Deliveries& news) {
  std::vector<storage::Statement> statements;
  statements.push_back(storage::CallStore::change(stored));
  for (const auto& delivery : news) statements.push_back(storage::WebhookStore::insert(delivery));
  const auto done = co_await parts_.database.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<void> CallService::tell(const Live& live, WebhookEvent event, Deliveries& news) {
  const auto done = co_await insist([&] { return tell_once(live, event, news); });
  if (!done) log_.with("call_id", live.stored.call.call_id).error("a webhook was not queued: {}", done.error().message);
}

core::Task<core::Result<>> CallService::tell_once(const Live& live, WebhookEvent event, Deliveries& news) {
  auto made = co_await parts_.webhooks.make(live.stored.organization_id, live.agent, event, live.stored.call);
  if (!made) co_return tl::unexpected(made.error());
  if (*made) news.push_back(std::move(**made));
  co_return core::Result<>{};
}

core::Task<core::Result<int>> CallService::close_abandoned() {
  const auto now = core::epoch_ms(parts_.clock.wall());
  if (const auto seen = co_await show_life(now, true); !seen) co_return tl::unexpected(seen.error());
  auto abandoned = co_await calls_.unfinished(parts_.node_id, now);
  if (!abandoned) co_return tl::unexpected(abandoned.error());
  for (auto& stored : *abandoned) co_await close_record(std::move(stored));
  co_return static_cast<int>(abandoned->size());
}

core::Task<core::Result<int>> CallService::mind_nodes() {
  const auto now = core::epoch_ms(parts_.clock.wall());
  if (const auto seen = co_await show_life(now, false); !seen) co_return tl::unexpected(seen.error());
  (void)co_await orders_.sweep(now - order_lifetime.count());  // tried again next time
  // After an outage of the database nobody was seen for a while, and nobody is dead for that.
  if (now - std::exchange(minded_at_, now) > std::chrono::milliseconds(minding_gap).count()) minding_since_ = now;
  const auto lifetime = std::chrono::milliseconds(node_lifetime).count();
  if (now - minding_since_ < lifetime) co_return 0;
  auto orphans = co_await calls_.take_orphans(parts_.node_id, now - lifetime);
  if (!orphans) co_return tl::unexpected(orphans.error());
  for (auto& stored : *orphans) co_await close_record(std::move(stored));
  co_return static_cast<int>(orphans->size());
}

core::Task<void> CallService::close_record(storage::StoredCall stored) {
  Live live;
  live.stored = std::move(stored);
  auto& call = live.stored.call;
  const storage::VersionChoice version{storage::VersionChoice::Kind::exact, call.agent_version};
  const auto agent = co_await parts_.agents.get(live.stored.organization_id, call.agent_id, version);
  if (agent) live.agent = agent->settings;
  finish_unconnected(call, domain::DisconnectionReason::error_retell, core::epoch_ms(parts_.clock.wall()));
  // The engine writes recordings as it goes, so what was said before the crash can be heard.
  if (auto path = parts_.recordings.path_for(call.call_id); !path.empty()) {
    (void)co_await keep_recording(live, std::move(path));  // most have none
  }
  co_await finish(std::move(live));
}

}  // namespace retell::services
