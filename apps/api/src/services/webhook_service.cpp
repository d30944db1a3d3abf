#include "services/webhook_service.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>

#include "core/race.hpp"
#include "crypto/retell_signature.hpp"
#include "domain/variables.hpp"
#include "json/text.hpp"
#include "json/write.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using storage::DeliveryState;

// Retell retries up to three times and does not say when.
constexpr std::array<std::chrono::milliseconds, 3> retries = {1s, 5s, 30s};
// What a sender needs beside the receiver's time-out: its key may wait for the database. What a sender that died had
// in hand is sent again that long after its time-out.
constexpr auto grace = 20s;
constexpr auto poll = 500ms;  // what other processes stored, and what is due again, is noticed this late
constexpr int most_at_once = 64;
constexpr std::size_t kept_of_answer = 1'024;

// What no later try can change.
bool is_final(const core::Error& error) {
  return error.code == ErrorCode::forbidden || error.code == ErrorCode::invalid;
}

}  // namespace

struct WebhookService::Sleeper {
  explicit Sleeper(const core::Executor& executor) : timer(executor) {}
  core::asio::steady_timer timer;
  bool again = false;
};

WebhookService::WebhookService(storage::Database& database, ApiKeyService& keys, WorkspaceService& workspaces,
                               HttpSend send, WebhookOptions options, const core::Clock& clock, core::Executor executor,
                               core::Logger log)
    : deliveries_(database),
      keys_(keys),
      workspaces_(workspaces),
      send_(std::move(send)),
      options_(std::move(options)),
      clock_(clock),
      executor_(std::move(executor)),
      log_(std::move(log)),
      sleeper_(std::make_shared<Sleeper>(executor_)) {}

core::Task<core::Result<std::optional<storage::WebhookDelivery>>> WebhookService::make(std::string organization_id,
                                                                                       domain::AgentSettings agent,
                                                                                       domain::WebhookEvent event,
                                                                                       domain::Call call) {
  std::optional<storage::WebhookDelivery> made;
  if (!domain::wants_webhook(agent, event)) co_return made;
  auto url = agent.webhook_url.value_or("");
  if (url.empty()) {
    auto common = co_await workspaces_.webhook_url(organization_id);
    if (!common) co_return tl::unexpected(common.error());
    url = common->empty() ? options_.default_url : std::move(*common);
  }
  if (url.empty()) co_return made;
  url = domain::fill_url(url, call.retell_llm_dynamic_variables.value_or(domain::TextMap{}));
  auto& delivery = made.emplace();
  delivery.created_at = core::epoch_ms(clock_.wall());
  delivery.id = ids_.next(delivery.created_at);
  delivery.organization_id = std::move(organization_id);
  delivery.call_id = call.call_id;
  delivery.agent_id = call.agent_id;
  delivery.event = json::enum_name(event);
  delivery.lane = call.call_id;
  delivery.url = std::move(url);
  delivery.keep_body = call.data_storage_setting != domain::DataStorage::basic_attributes_only;
  delivery.timeout_ms = static_cast<std::int64_t>(agent.webhook_timeout_ms.value_or(10'000));
  delivery.body =
      json::dump_as_javascript(json::Object{{"event", json::enum_name(event)}, {"call", json::write(call)}});
  co_return made;
}

void WebhookService::wake() {
  core::asio::post(executor_, [sleeper = sleeper_] {
    sleeper->again = true;
    sleeper->timer.cancel();
  });
}

core::Task<void> WebhookService::pause() {
  auto& sleeper = *sleeper_;
  if (!std::exchange(sleeper.again, false)) {
    sleeper.timer.expires_after(poll);
    boost::system::error_code woken;
    co_await sleeper.timer.async_wait(core::asio::redirect_error(core::asio::use_awaitable, woken));
    // Woken, or the whole is being cancelled.
    const auto state = co_await core::asio::this_coro::cancellation_state;
    if (state.cancelled() != core::asio::cancellation_type::none) {
      throw boost::system::system_error(core::asio::error::operation_aborted);
    }
    sleeper.again = false;
  }
}

core::Task<void> WebhookService::run() {
  core::TaskGroup group(executor_, log_);
  for (;;) {
    if (co_await start_due(group) > 0) continue;
    co_await sweep_now_and_then();
    co_await pause();
  }
}

core::Task<int> WebhookService::run_due() {
  int all = 0;
  for (;;) {
    core::TaskGroup group(executor_, log_);
    const int started = co_await start_due(group);
    co_await group.join();
    if (started == 0) co_return all;
    all += started;
  }
}

core::Task<int> WebhookService::start_due(core::TaskGroup& group) {
  const int room = most_at_once - static_cast<int>(group.size());
  if (room <= 0) co_return 0;
  const auto due = co_await deliveries_.claim(core::epoch_ms(clock_.wall()), grace, room);
  if (!due) {
    log_.error("webhooks to be sent cannot be read: {}", due.error().message);
    co_return 0;
  }
  for (const auto& delivery : *due) group.spawn("webhook", deliver(delivery));
  co_return static_cast<int>(due->size());
}

core::Task<core::Result<net::HttpResponse>> WebhookService::attempt(const storage::WebhookDelivery& delivery) {
  const auto key = co_await keys_.signing_key(delivery.organization_id);
  if (!key) co_return tl::unexpected(key.error());
  const std::chrono::milliseconds timeout(delivery.timeout_ms);
  net::ClientRequest request;
  request.method = "POST";
  request.url = delivery.url;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("X-Retell-Signature", crypto::sign_retell(delivery.body, *key, core::epoch_ms(clock_.wall())));
  request.body = delivery.body;
  request.reach = options_.allow_private ? net::Reach::any : net::Reach::public_only;
  request.connect_timeout = std::min<std::chrono::milliseconds>(timeout, 5s);
  request.first_byte_timeout = timeout;
  request.idle_timeout = timeout;
  request.max_body = kept_of_answer;
  // One limit for all of it: a server that drips its answer gets no more time than one that is silent.
  co_return co_await core::with_timeout(send_(std::move(request)), timeout, "the receiver");
}

core::Task<void> WebhookService::deliver(storage::WebhookDelivery delivery) {
  storage::WebhookAttempt note;
  note.number = delivery.attempts + 1;
  note.at = core::epoch_ms(clock_.wall());
  const auto begun = clock_.now();
  const auto answer = co_await attempt(delivery);
  note.latency_ms = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - begun).count();

  bool given_up = delivery.attempts >= static_cast<std::int64_t>(retries.size());
  if (answer) {
    note.status = answer->status;
    note.response = printable(answer->body, kept_of_answer);
    if (answer->status < 200 || answer->status > 299) {
      note.error = "the receiver answered " + std::to_string(answer->status);
    }
  } else {
    note.error = answer.error().message;
    given_up = given_up || is_final(answer.error());
  }
  if (const auto name = domain::unfilled_variable(delivery.url); !name.empty() && !note.error.empty()) {
    note.error += "; nothing gave " + name + " of the webhook_url a value";
  }
  std::int64_t due_at = note.at;
  if (note.error.empty()) {
    delivery.state = DeliveryState::delivered;
  } else if (given_up) {
    delivery.state = DeliveryState::failed;
    log_.with("call_id", delivery.call_id)
        .warn("webhook {} of {} given up: {}", delivery.id, delivery.event, note.error);
  } else {
    due_at += note.latency_ms + retries.at(static_cast<std::size_t>(delivery.attempts)).count();
  }
  const auto noted = co_await deliveries_.note(std::move(delivery), std::move(note), due_at);
  // Left as it is: the claim runs out, and the webhook is sent once more. Of a call that was deleted meanwhile nothing
  // can be noted, and nothing has to.
  if (!noted && noted.error().code != ErrorCode::conflict)
    log_.error("a webhook's attempt cannot be noted: {}", noted.error().message);
  wake();  // for the next of this call
}

core::Task<void> WebhookService::sweep_now_and_then() {
  const auto now = core::epoch_ms(clock_.wall());
  if (now - swept_at_ < std::chrono::milliseconds(1h).count()) co_return;
  swept_at_ = now;
  const auto swept = co_await deliveries_.sweep(now - std::chrono::milliseconds(log_lifetime).count());
  if (!swept) log_.warn("old webhook deliveries cannot be deleted: {}", swept.error().message);
}

core::Task<core::Result<storage::Page<storage::WebhookDelivery>>> WebhookService::list(std::string organization_id,
                                                                                       storage::DeliveryQuery query) {
  if (!query.after.empty() && !ids_.is_one(query.after)) co_return tl::unexpected(storage::no_such_page());
  co_return co_await deliveries_.list(std::move(organization_id), std::move(query));
}

core::Task<core::Result<storage::WebhookDelivery>> WebhookService::get(std::string organization_id, std::string id) {
  auto found = co_await deliveries_.find(std::move(organization_id), std::move(id));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return core::fail(ErrorCode::not_found, "there is no such delivery");
  co_return std::move(**found);
}

core::Task<core::Result<std::vector<storage::WebhookAttempt>>> WebhookService::attempts(std::string organization_id,
                                                                                        std::string id) {
  co_return co_await deliveries_.attempts(std::move(organization_id), std::move(id));
}

core::Task<core::Result<storage::WebhookDelivery>> WebhookService::resend(std::string organization_id, std::string id) {
  auto delivery = co_await get(std::move(organization_id), std::move(id));
  if (!delivery) co_return delivery;
  if (delivery->body.empty()) {
    co_return core::fail(ErrorCode::unprocessable,
                         "what was sent was not kept: the call's data_storage_setting is basic_attributes_only");
  }
  if (delivery->state == DeliveryState::pending) {
    co_return core::fail(ErrorCode::unprocessable, "this delivery is still being tried");
  }
  delivery->resend_of = std::move(delivery->id);
  delivery->created_at = core::epoch_ms(clock_.wall());
  delivery->id = ids_.next(delivery->created_at);
  delivery->lane = delivery->id;  // waits for nothing, and nothing waits for it
  delivery->state = DeliveryState::pending;
  delivery->attempts = 0;
  delivery->finished_at.reset();
  const auto stored = co_await deliveries_.add(*delivery);
  if (!stored) co_return tl::unexpected(stored.error());
  wake();
  co_return delivery;
}

}  // namespace retell::services
