#include "services/chat_webhooks.hpp"

#include <algorithm>

#include "domain/call.hpp"
#include "domain/variables.hpp"
#include "json/text.hpp"
#include "json/write.hpp"
#include "services/chat_record.hpp"
#include "storage/stores/webhook_store.hpp"

namespace retell::services {
namespace {

using domain::ChatEvent;

constexpr auto member = "webhook";  // of what a chat keeps for the server
constexpr double default_timeout_ms = 10'000;

// What a chat keeps of it.
struct Receiver {
  std::string url;          // "": the workspace's
  std::string default_url;  // when that has none
  double timeout_ms = default_timeout_ms;
  std::vector<ChatEvent> events;
};
BOOST_DESCRIBE_STRUCT(Receiver, (), (url, default_url, timeout_ms, events))

std::optional<Receiver> receiver_of(const storage::Document& chat) {
  const auto* own = chat.body.if_contains(chat_private);
  const auto* kept = own != nullptr && own->is_object() ? own->get_object().if_contains(member) : nullptr;
  if (kept == nullptr) return std::nullopt;  // it began before chats were told of
  auto receiver = json::read<Receiver>(*kept);
  if (!receiver) return std::nullopt;
  return std::move(*receiver);
}

std::string filled(const std::string& url, const storage::Document& chat) {
  const auto* given = chat.body.if_contains("retell_llm_dynamic_variables");
  const auto variables =
      given == nullptr ? domain::TextMap{} : json::read<domain::TextMap>(*given).value_or(domain::TextMap{});
  return domain::fill_url(url, variables);
}

}  // namespace

json::Object ChatWebhooks::settings(const domain::ChatAgentSettings& agent, const std::string& default_url) {
  Receiver receiver;
  receiver.url = agent.webhook_url.value_or("");
  receiver.default_url = default_url;
  receiver.timeout_ms = agent.webhook_timeout_ms.value_or(default_timeout_ms);
  receiver.events = agent.webhook_events.value_or(
      std::vector{ChatEvent::chat_started, ChatEvent::chat_ended, ChatEvent::chat_analyzed});
  return {{member, json::write(receiver)}};
}

core::Task<core::Result<std::string>> ChatWebhooks::common_url(std::string organization_id) {
  auto organization = co_await organizations_.find(std::move(organization_id));
  if (!organization) co_return tl::unexpected(organization.error());
  co_return organization->has_value() ? std::move((*organization)->webhook_url) : std::string();
}

std::vector<storage::Statement> ChatWebhooks::tell(const std::string& organization_id, const std::string& common_url,
                                                   const storage::Document& chat, ChatEvent event) {
  auto receiver = receiver_of(chat);
  if (!receiver || std::find(receiver->events.begin(), receiver->events.end(), event) == receiver->events.end()) {
    return {};
  }
  if (receiver->url.empty()) receiver->url = common_url.empty() ? receiver->default_url : common_url;
  if (receiver->url.empty()) return {};
  storage::WebhookDelivery delivery;
  delivery.created_at = core::epoch_ms(clock_.wall());
  delivery.id = ids_.next(delivery.created_at);
  delivery.organization_id = organization_id;
  delivery.call_id = chat.id;
  delivery.agent_id = chat.lookup;
  delivery.event = json::enum_name(event);
  delivery.lane = chat.id;
  delivery.url = filled(receiver->url, chat);
  delivery.keep_body = keeps_content(chat);
  delivery.timeout_ms = static_cast<std::int64_t>(receiver->timeout_ms);
  delivery.body = json::dump_as_javascript(json::Object{{"event", json::enum_name(event)}, {"chat", chat_json(chat)}});
  std::vector<storage::Statement> statements;
  statements.push_back(storage::WebhookStore::insert(delivery));
  return statements;
}

std::vector<storage::Statement> tell_end(ChatWebhooks& webhooks, const std::string& organization_id,
                                         const std::string& common_url, storage::Document& chat) {
  auto news = webhooks.tell(organization_id, common_url, chat, ChatEvent::chat_ended);
  if (!keeps_content(chat)) {
    news.push_back(storage::WebhookStore::forget_bodies(organization_id, chat.id));
    strip_chat(chat);
  }
  return news;
}

}  // namespace retell::services
