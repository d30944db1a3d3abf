#include "services/webhook_jobs.hpp"

#include "json/read.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

constexpr auto kind = "webhook";
constexpr int batch = 100;
constexpr json::ParseLimits large{.bytes = std::size_t{64} << 20U};

// What such a job held.
struct Payload {
  std::string url;
  std::int64_t timeout_ms = 10'000;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(Payload, (), (url, timeout_ms, body))

// What the outbox wants to know of the body.
struct ToldCall {
  std::string call_id;
  std::string agent_id;
  std::optional<domain::DataStorage> data_storage_setting = {};
};
BOOST_DESCRIBE_STRUCT(ToldCall, (), (call_id, agent_id, data_storage_setting))
struct Told {
  std::string event;
  ToldCall call;
};
BOOST_DESCRIBE_STRUCT(Told, (), (event, call))

template <class T>
core::Result<T> read_text(const std::string& text) {
  const auto document = json::parse(text, large);
  if (!document) return tl::unexpected(document.error());
  return json::read<T>(*document);
}

core::Result<storage::WebhookDelivery> delivery_of(const storage::Job& job) {
  auto payload = read_text<Payload>(job.payload);
  if (!payload) return tl::unexpected(payload.error());
  auto told = read_text<Told>(payload->body);
  if (!told) return tl::unexpected(told.error());
  storage::WebhookDelivery delivery;
  // The same for the same job, so that it is moved once; and in the order of the jobs.
  constexpr std::string_view prefix = "job_";
  delivery.id = "delivery_" + (job.id.starts_with(prefix) ? job.id.substr(prefix.size()) : job.id);
  delivery.organization_id = job.organization_id;
  delivery.call_id = told->call.call_id;
  delivery.agent_id = std::move(told->call.agent_id);
  delivery.event = std::move(told->event);
  delivery.lane = std::move(told->call.call_id);
  delivery.url = std::move(payload->url);
  delivery.body = std::move(payload->body);
  delivery.keep_body = told->call.data_storage_setting != domain::DataStorage::basic_attributes_only;
  delivery.timeout_ms = payload->timeout_ms;
  delivery.created_at = job.created_at;
  return delivery;
}

}  // namespace

WebhookJobs::WebhookJobs(storage::Database& database, JobRunner& jobs, WebhookService& webhooks,
                         const core::Clock& clock)
    : database_(database), jobs_(database), webhooks_(webhooks), clock_(clock) {
  jobs.handle(kind, {[this](const storage::Job& job) { return take(job); }, {1s, 5s, 30s}});
}

core::Task<core::Result<>> WebhookJobs::take(storage::Job job) {
  const auto moved = co_await move();
  if (!moved) co_return tl::unexpected(moved.error());
  const auto readable = delivery_of(job);
  if (!readable) co_return tl::unexpected(readable.error());
  co_return core::Result<>{};
}

core::Task<core::Result<int>> WebhookJobs::move() {
  int moved = 0;
  storage::JobQuery query{.kind = kind, .limit = batch};
  for (;;) {
    const auto found = co_await jobs_.list(std::nullopt, query);
    if (!found) co_return tl::unexpected(found.error());
    std::vector<storage::Statement> statements;
    for (const auto& state : *found) {
      auto delivery = delivery_of(state.job);
      if (!delivery) continue;  // its runner says so, and buries it
      if (state.state == "dead") {
        delivery->state = storage::DeliveryState::failed;
        delivery->attempts = state.job.attempts;
        delivery->finished_at = core::epoch_ms(clock_.wall());
        if (!delivery->keep_body) delivery->body.clear();
      }
      statements.push_back(storage::WebhookStore::insert(*delivery));
      statements.push_back(storage::JobStore::forget(state.job.id));
      ++moved;
    }
    if (!statements.empty()) {
      const auto done = co_await database_.transaction(std::move(statements));
      if (!done) co_return tl::unexpected(done.error());
    }
    if (found->size() < static_cast<std::size_t>(batch)) break;
    query.after = found->back().job.id;
  }
  if (moved > 0) webhooks_.wake();
  co_return moved;
}

}  // namespace retell::services
