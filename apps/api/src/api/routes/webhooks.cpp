// The log of webhooks that went out, or are about to, and sending one again.
#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

struct Delivery {
  std::string delivery_id;
  std::string event;
  std::string call_id;
  std::string agent_id;
  std::string url;
  storage::DeliveryState state = storage::DeliveryState::pending;
  std::int64_t attempt_count = 0;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> finished_at = {};
  std::optional<std::string> resend_of = {};
};
BOOST_DESCRIBE_STRUCT(Delivery, (),
                      (delivery_id, event, call_id, agent_id, url, state, attempt_count, created_at, finished_at,
                       resend_of))

struct WholeDelivery : Delivery {
  std::optional<std::string> body = {};  // exactly what was sent; missing when it was not kept
  std::vector<storage::WebhookAttempt> attempts;
};
BOOST_DESCRIBE_STRUCT(WholeDelivery, (Delivery), (body, attempts))

Delivery shown(const storage::WebhookDelivery& from) {
  Delivery out{from.id,    from.event,    from.call_id,    from.agent_id,    from.url,
               from.state, from.attempts, from.created_at, from.finished_at, {}};
  if (!from.resend_of.empty()) out.resend_of = from.resend_of;
  return out;
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  storage::DeliveryQuery query;
  query.limit = page->limit;
  query.after = page->after;
  query.call_id = request.query("call_id").value_or("");
  query.event = request.query("event").value_or("");
  if (const auto state = request.query("state")) {
    query.state = json::enum_value<storage::DeliveryState>(*state);
    if (!query.state) {
      co_return core::fail(core::ErrorCode::invalid, "state: expected one of pending, delivered, failed", "state");
    }
  }
  const auto found = co_await api.webhooks.list(request.organization(), std::move(query));
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(200, envelope(*found, [](const auto& one) { return json::write(shown(one)); }));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  auto delivery = co_await api.webhooks.get(request.organization(), request.parameter(0));
  if (!delivery) co_return tl::unexpected(delivery.error());
  auto attempts = co_await api.webhooks.attempts(request.organization(), request.parameter(0));
  if (!attempts) co_return tl::unexpected(attempts.error());
  WholeDelivery out;
  static_cast<Delivery&>(out) = shown(*delivery);
  if (!delivery->body.empty()) out.body = std::move(delivery->body);
  out.attempts = std::move(*attempts);
  co_return json_reply(200, json::write(out));
}

core::Task<Outcome> resend(Api& api, const Request& request) {
  const auto delivery = co_await api.webhooks.resend(request.organization(), request.parameter(0));
  if (!delivery) co_return tl::unexpected(delivery.error());
  co_return json_reply(201, json::write(shown(*delivery)));
}

constexpr QueryField list_fields[] = {
    {"call_id", "string", "Of this call."},
    {"event", "string", "Of this event, such as call_ended."},
    {"state", "string", "pending, delivered or failed."},
    page_fields[0],
    page_fields[1],
};

constexpr Route table[] = {
    endpoint<&list, Items<Delivery>>("GET", "/v1/webhook-deliveries", 200, "List webhook deliveries, newest first",
                                     {.query = list_fields}),
    endpoint<&get, WholeDelivery>("GET", "/v1/webhook-deliveries/{delivery_id}", 200,
                                  "Get a webhook delivery with its body and every attempt"),
    endpoint<&resend, Delivery>("POST", "/v1/webhook-deliveries/{delivery_id}/resend", 201, "Send a webhook again"),
};

}  // namespace

std::span<const Route> webhook_routes() { return table; }

}  // namespace retell::api
