// Chats with agents of the chat channel; the words come from a ChatEngine. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/list_filter.hpp"
#include "services/call_requests.hpp"
#include "services/chat_engine.hpp"
#include "services/chat_webhooks.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services {

struct ChatRequest {
  std::string agent_id;
  std::optional<VersionReference> agent_version = {};
  std::optional<json::Value> metadata = {};
  std::optional<domain::TextMap> retell_llm_dynamic_variables = {};
};
BOOST_DESCRIBE_STRUCT(ChatRequest, (), (agent_id, agent_version, metadata, retell_llm_dynamic_variables))

enum class ChatStorage : std::uint8_t { everything, basic_attributes_only };
BOOST_DESCRIBE_ENUM(ChatStorage, everything, basic_attributes_only)

struct UpdateChat {
  std::optional<json::Value> metadata = {};  // null removes it
  std::optional<json::Object> custom_attributes = {};
  std::optional<ChatStorage> data_storage_setting = {};
  std::optional<domain::TextMap> override_dynamic_variables = {};
  bool drops_overrides = false;  // override_dynamic_variables was null
};
BOOST_DESCRIBE_STRUCT(UpdateChat, (), (metadata, custom_attributes, data_storage_setting, override_dynamic_variables))
// A partial update as it came; invalid names the fields.
[[nodiscard]] core::Result<UpdateChat> read_update_chat(const json::Value& body);

struct ChatQuery {
  storage::PageQuery page = {};
  int skip = 0;
  bool include_total = false;
  domain::ListFilter filter = {};
};

struct ChatPage {
  storage::Page<json::Object> page;
  std::optional<std::int64_t> total = {};
};

class ChatService {
 public:
  ChatService(storage::Database& database, ChatEngine& engine, const config::Config& config, const core::Clock& clock)
      : database_(database),
        chats_(database, storage::DocumentKind::chat),
        webhooks_(database, clock),
        engine_(engine),
        config_(config),
        clock_(clock) {}

  // Retell's ChatResponse, here and below. unprocessable for an unknown agent, or one that cannot chat yet.
  [[nodiscard]] core::Task<core::Result<json::Object>> create(std::string organization_id, ChatRequest request);
  // unprocessable for an unknown chat, here and below.
  [[nodiscard]] core::Task<core::Result<json::Object>> get(std::string organization_id, std::string chat_id);
  [[nodiscard]] core::Task<core::Result<ChatPage>> list(std::string organization_id, ChatQuery query);
  [[nodiscard]] core::Task<core::Result<json::Object>> update(std::string organization_id, std::string chat_id,
                                                              UpdateChat request);
  [[nodiscard]] core::Task<core::Result<>> end(std::string organization_id, std::string chat_id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string chat_id);
  // The agent's answer to `content`: only the new messages. unprocessable when the chat is over.
  [[nodiscard]] core::Task<core::Result<json::Array>> complete(std::string organization_id, std::string chat_id,
                                                               std::string content);

 private:
  // `how` may end the chat: that is told and has its consequences, all stored together.
  [[nodiscard]] core::Task<core::Result<json::Object>> change(std::string organization_id, std::string chat_id,
                                                              storage::DocumentStore::ChangeWith how);

  storage::Database& database_;
  storage::DocumentStore chats_;
  ChatWebhooks webhooks_;
  ChatEngine& engine_;
  const config::Config& config_;
  const core::Clock& clock_;
};

}  // namespace retell::services
