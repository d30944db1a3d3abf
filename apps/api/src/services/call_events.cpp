// The half of CallService that follows calls: what they report is applied in order, stored, and told to webhooks.
#include "services/call_record.hpp"
#include "services/call_service.hpp"

namespace retell::services {

using domain::WebhookEvent;

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
                   [reports = reports_, log = log_, one = Report{std::move(call_id), std::move(what)}]() mutable {
                     auto id = one.call_id;
                     if (!reports->push(std::move(one)))
                       log.with("call_id", id).error("an event of the call could not be queued");
                   });
}

void CallService::close() {
  // Posted behind the reports that are already under way.
  core::asio::post(executor_, [reports = reports_] { reports->close(); });
}

core::Task<void> CallService::run() {
  while (auto report = co_await reports_->pop()) co_await apply(std::move(*report));
}

core::Task<void> CallService::apply(Report report) {
  if (const auto* started = std::get_if<engine::CallStarted>(&report.what)) {
    const auto call = change(report.call_id, [&](domain::Call& record) {
      record.call_status = domain::CallStatus::ongoing;
      record.start_timestamp = core::epoch_ms(started->at);
    });
    if (!call) co_return;  // ended meanwhile
    co_await store(*call);
    co_await tell(*call, WebhookEvent::call_started);
  } else if (const auto* updated = std::get_if<engine::TranscriptUpdated>(&report.what)) {
    const auto call =
        change(report.call_id, [&](domain::Call& record) { set_transcript(record, updated->transcript); });
    if (!call) co_return;
    co_await store(*call);
    co_await tell(*call, WebhookEvent::transcript_updated);
  } else if (auto* ended = std::get_if<engine::CallEnded>(&report.what)) {
    if (auto call = live(report.call_id)) co_await apply_end(std::move(*call), std::move(*ended));
  } else if (auto call = live(report.call_id)) {
    const auto reason = std::get<Unconnected>(report.what).reason;
    finish_unconnected(call->stored.call, reason, core::epoch_ms(parts_.clock.wall()));
    co_await finish(std::move(*call));
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
  co_await tell(live, WebhookEvent::transcript_updated);
  co_await tell(live, WebhookEvent::call_ended);
  live.stored.call.call_analysis = basic_analysis(live.stored.call);
  co_await tell(live, WebhookEvent::call_analyzed);
  if (live.stored.call.data_storage_setting == domain::DataStorage::basic_attributes_only) {
    live.stored.call.transcript.reset();
    live.stored.call.transcript_object.reset();
    live.stored.call.transcript_with_tool_calls.reset();
  }
  co_await store(live);
  const std::lock_guard lock(mutex_);
  live_.erase(id);
}

core::Task<void> CallService::store(const Live& live) {
  const auto done = co_await calls_.update(live.stored);
  if (!done)
    log_.with("call_id", live.stored.call.call_id).error("the record was not stored: {}", done.error().message);
}

core::Task<void> CallService::tell(const Live& live, WebhookEvent event) {
  const auto done = co_await parts_.webhooks.notify(live.stored.organization_id, live.agent, event, live.stored.call);
  if (!done) log_.with("call_id", live.stored.call.call_id).error("a webhook was not queued: {}", done.error().message);
}

core::Task<core::Result<int>> CallService::close_abandoned() {
  const auto now = core::epoch_ms(parts_.clock.wall());
  auto abandoned = co_await calls_.unfinished(now);
  if (!abandoned) co_return tl::unexpected(abandoned.error());
  for (auto& stored : *abandoned) {
    Live live;
    live.stored = std::move(stored);
    auto& call = live.stored.call;
    const storage::VersionChoice version{storage::VersionChoice::Kind::exact, call.agent_version};
    const auto agent = co_await parts_.agents.get(live.stored.organization_id, call.agent_id, version);
    if (agent) live.agent = agent->settings;
    finish_unconnected(call, domain::DisconnectionReason::error_retell, now);
    // The engine writes recordings as it goes, so what was said before the crash can be heard.
    if (auto path = parts_.recordings.path_for(call.call_id); !path.empty()) {
      (void)co_await keep_recording(live, std::move(path));  // most have none
    }
    co_await finish(std::move(live));
  }
  co_return static_cast<int>(abandoned->size());
}

}  // namespace retell::services
