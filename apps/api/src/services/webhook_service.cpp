#include "services/webhook_service.hpp"

#include "crypto/retell_signature.hpp"
#include "domain/variables.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

constexpr auto kind = "webhook";

struct Delivery {
  std::string url;
  std::int64_t timeout_ms = 10'000;
  std::string body;  // exactly what is sent
};
BOOST_DESCRIBE_STRUCT(Delivery, (), (url, timeout_ms, body))

}  // namespace

WebhookService::WebhookService(JobRunner& jobs, ApiKeyService& keys, HttpSend send, WebhookOptions options,
                               const core::Clock& clock, core::Logger log)
    : jobs_(jobs),
      keys_(keys),
      send_(std::move(send)),
      options_(std::move(options)),
      clock_(clock),
      log_(std::move(log)) {
  // Retell retries up to three times and does not say when.
  jobs_.handle(kind, {[this](const storage::Job& job) { return deliver(job); }, {1s, 5s, 30s}});
}

core::Task<core::Result<>> WebhookService::notify(std::string organization_id, const domain::AgentSettings& agent,
                                                  domain::WebhookEvent event, const domain::Call& call) {
  if (!domain::wants_webhook(agent, event)) co_return core::Result<>{};
  auto url = agent.webhook_url.value_or(options_.default_url);
  if (url.empty()) co_return core::Result<>{};
  if (call.retell_llm_dynamic_variables) url = domain::fill_variables(url, *call.retell_llm_dynamic_variables);
  Delivery delivery;
  delivery.url = std::move(url);
  delivery.timeout_ms = static_cast<std::int64_t>(agent.webhook_timeout_ms.value_or(10'000));
  delivery.body = json::dump(json::Object{{"event", json::enum_name(event)}, {"call", json::write(call)}});
  auto payload = json::dump(json::write(delivery));
  co_return co_await jobs_.add(std::move(organization_id), kind, std::move(payload), call.call_id);
}

core::Task<core::Result<>> WebhookService::deliver(const storage::Job& job) {
  const auto payload = json::parse(job.payload, {.bytes = std::size_t{64} << 20U});
  if (!payload) co_return tl::unexpected(payload.error());
  const auto delivery = json::read<Delivery>(*payload);
  if (!delivery) co_return tl::unexpected(delivery.error());
  const auto key = co_await keys_.signing_key(job.organization_id);
  if (!key) co_return tl::unexpected(key.error());
  const std::chrono::milliseconds timeout(delivery->timeout_ms);
  net::ClientRequest request;
  request.method = "POST";
  request.url = delivery->url;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("X-Retell-Signature", crypto::sign_retell(delivery->body, *key, core::epoch_ms(clock_.wall())));
  request.body = delivery->body;
  request.reach = options_.allow_private ? net::Reach::any : net::Reach::public_only;
  request.connect_timeout = std::min<std::chrono::milliseconds>(timeout, 5s);
  request.first_byte_timeout = timeout;
  request.max_body = std::size_t{1} << 20U;
  const auto answer = co_await send_(std::move(request));
  if (!answer) co_return tl::unexpected(answer.error());
  if (answer->status < 200 || answer->status > 299) {
    co_return core::fail(core::ErrorCode::unavailable, "the receiver answered " + std::to_string(answer->status));
  }
  co_return core::Result<>{};
}

}  // namespace retell::services
