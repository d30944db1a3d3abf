// What customers' servers are told of chats. A delivery is stored in one transaction with the record that it tells of;
// WebhookService sends it.
#pragma once
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/chat_agent.hpp"
#include "services/ordered_ids.hpp"
#include "storage/stores/document_store.hpp"
#include "storage/stores/organization_store.hpp"

namespace retell::services {

// Any thread.
class ChatWebhooks {
 public:
  ChatWebhooks(storage::Database& database, const core::Clock& clock) : organizations_(database), clock_(clock) {}

  // What a chat keeps of its agent's settings, to be told by them until it ends. `default_url`: when neither the agent
  // nor the workspace has one.
  [[nodiscard]] static json::Object settings(const domain::ChatAgentSettings& agent, const std::string& default_url);

  // Where an organisation wants to be told that has agents without an address of their own; "" nowhere.
  [[nodiscard]] core::Task<core::Result<std::string>> common_url(std::string organization_id);
  // Stores the delivery of an event, with the chat as it is; none when nobody wants it. In the order of making.
  [[nodiscard]] std::vector<storage::Statement> tell(const std::string& organization_id, const std::string& common_url,
                                                     const storage::Document& chat, domain::ChatEvent event);

 private:
  storage::OrganizationStore organizations_;
  const core::Clock& clock_;
  OrderedIds ids_{"delivery_"};
};

// What a chat's end brings: it is told of, and then forgotten as far as its agent wants it forgotten. For the change
// that ends it.
[[nodiscard]] std::vector<storage::Statement> tell_end(ChatWebhooks& webhooks, const std::string& organization_id,
                                                       const std::string& common_url, storage::Document& chat);

}  // namespace retell::services
