#include "services/chat_service.hpp"

#include "core/ids.hpp"
#include "domain/rules.hpp"
#include "domain/variables.hpp"
#include "json/text.hpp"
#include "json/write.hpp"
#include "services/chat_record.hpp"
#include "services/version_choice.hpp"
#include "storage/stores/webhook_store.hpp"
#include "text/utf8.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t longest_metadata = 50'000;  // Retell's limit, 50 kB
constexpr std::size_t longest_content = 32'000;   // of one message, in characters
constexpr std::size_t most_messages = 1'000;      // of one chat
constexpr double default_silence_ms = 3'600'000;  // Retell's

tl::unexpected<core::Error> none(const std::string& chat_id) {
  return fail(ErrorCode::unprocessable, "Chat " + chat_id + " not found");
}

domain::TextMap text_map(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr) return {};
  return json::read<domain::TextMap>(*value).value_or(domain::TextMap{});
}

core::Result<> check(const std::optional<json::Value>& metadata, const std::optional<json::Object>& attributes) {
  json::Problems problems;
  if (metadata && json::dump(*metadata).size() > longest_metadata) problems.add("metadata", "must be at most 50 kB");
  if (attributes) {
    for (const auto& member : *attributes) {
      const auto& value = member.value();
      if (!value.is_string() && !value.is_number() && !value.is_bool()) {
        problems.add("custom_attributes." + std::string(member.key()), "expected a string, a number or a boolean");
      }
    }
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return {};
}

}  // namespace

core::Result<UpdateChat> read_update_chat(const json::Value& body) {
  auto update = json::read<UpdateChat>(body);
  if (!update) return update;
  json::Problems problems;
  domain::check_not_null(problems, body, {"custom_attributes", "data_storage_setting"});
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  const auto null = [&](const char* name) {
    const auto* value = body.get_object().if_contains(name);
    return value != nullptr && value->is_null();
  };
  if (null("metadata")) update->metadata = json::Value();
  update->drops_overrides = null("override_dynamic_variables");
  return update;
}

core::Task<core::Result<json::Object>> ChatService::create(std::string organization_id, ChatRequest request) {
  if (const auto good = check(request.metadata, {}); !good) co_return tl::unexpected(good.error());
  const auto version = parse_version(version_text(request.agent_version));
  if (!version) co_return tl::unexpected(version.error());
  const auto speaker = co_await engine_.speaker(organization_id, request.agent_id, *version, domain::Channel::chat);
  if (!speaker) co_return tl::unexpected(speaker.error());
  const auto now = core::epoch_ms(clock_.wall());
  storage::Document chat{
      .id = core::make_id("chat_"), .lookup = request.agent_id, .created_at = now, .modified_at = now};
  chat.body = json::Object{{"agent_id", request.agent_id}, {"version", speaker->agent.version},
                           {"chat_status", "ongoing"},     {"chat_type", "api_chat"},
                           {"start_timestamp", now},       {"message_with_tool_calls", json::Array{}}};
  if (request.metadata) chat.body["metadata"] = *request.metadata;
  if (request.retell_llm_dynamic_variables) {
    chat.body["retell_llm_dynamic_variables"] = json::write(*request.retell_llm_dynamic_variables);
  }
  auto variables = speaker->variables();
  if (speaker->tag) chat.body["agent_tag"] = speaker->tag->tag;
  for (const auto& [name, value] : request.retell_llm_dynamic_variables.value_or(domain::TextMap{})) {
    variables[name] = value;
  }
  variables["chat_id"] = chat.id;
  variables["session_type"] = "chat";
  const auto& settings = speaker->settings;
  auto own = ChatWebhooks::settings(settings, config_.organization.webhook_url);
  own["variables"] = json::write(variables);
  own["end_after_silence_ms"] = settings.end_chat_after_silence_ms.value_or(default_silence_ms);
  own["auto_close_message"] = settings.auto_close_message.value_or("");
  if (settings.data_storage_retention_days) own["retention_days"] = *settings.data_storage_retention_days;
  if (settings.data_storage_setting) own["data_storage_setting"] = json::enum_name(*settings.data_storage_setting);
  chat.body[chat_private] = std::move(own);
  auto opening = engine_.opening(*speaker, std::move(variables));
  if (!opening.empty()) add_message(chat, "agent", std::move(opening), now);
  set_times(chat);
  const auto url = co_await webhooks_.common_url(organization_id);
  if (!url) co_return tl::unexpected(url.error());
  auto statements = webhooks_.tell(organization_id, *url, chat, domain::ChatEvent::chat_started);
  statements.insert(statements.begin(), chats_.insertion(organization_id, chat));
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return chat_json(chat);
}

core::Task<core::Result<json::Object>> ChatService::change(std::string organization_id, std::string chat_id,
                                                           storage::DocumentStore::ChangeWith how) {
  const auto url = co_await webhooks_.common_url(organization_id);
  if (!url) co_return tl::unexpected(url.error());
  const auto changed = co_await chats_.change_with(organization_id, chat_id, [&](storage::Document& chat) {
    const bool was_open = chat_is_open(chat);
    const auto entries = entries_of(chat);
    auto statements = how(chat);
    if (!statements) return statements;
    const auto add = [&](std::vector<storage::Statement> more) {
      statements->insert(statements->end(), more.begin(), more.end());
    };
    if (entries_of(chat) > entries) {
      add(webhooks_.tell(organization_id, *url, chat, domain::ChatEvent::transcript_updated));
    }
    if (was_open && !chat_is_open(chat)) add(tell_end(webhooks_, organization_id, *url, chat));
    set_times(chat);
    return statements;
  });
  if (!changed) co_return tl::unexpected(changed.error());
  if (!changed->has_value()) co_return none(chat_id);
  co_return chat_json(**changed);
}

core::Task<core::Result<json::Object>> ChatService::get(std::string organization_id, std::string chat_id) {
  auto found = co_await chats_.find(std::move(organization_id), chat_id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(chat_id);
  settle_chat(**found, core::epoch_ms(clock_.wall()));
  co_return chat_json(**found);
}

core::Task<core::Result<ChatPage>> ChatService::list(std::string organization_id, ChatQuery query) {
  const auto now = core::epoch_ms(clock_.wall());
  const auto as_of_now = [now](storage::Document chat) {
    settle_chat(chat, now);
    return chat_json(chat);
  };
  storage::DocumentStore::Search search;
  search.page = query.page;
  search.skip = query.skip;
  search.include_total = query.include_total;
  search.fits = [&](const storage::Document& chat) {
    return query.filter.empty() || query.filter.matches(as_of_now(chat));
  };
  const auto found = co_await chats_.search(std::move(organization_id), std::move(search));
  if (!found) co_return tl::unexpected(found.error());
  ChatPage result{{{}, found->page.has_more, found->page.next}, found->total};
  for (const auto& chat : found->page.items) result.page.items.push_back(as_of_now(chat));
  co_return result;
}

core::Task<core::Result<json::Object>> ChatService::update(std::string organization_id, std::string chat_id,
                                                           UpdateChat request) {
  if (const auto good = check(request.metadata, request.custom_attributes); !good) {
    co_return tl::unexpected(good.error());
  }
  using Statements = std::vector<storage::Statement>;
  co_return co_await change(organization_id, chat_id, [&](storage::Document& chat) {
    settle_chat(chat, core::epoch_ms(clock_.wall()));
    if (request.metadata && request.metadata->is_null())
      chat.body.erase("metadata");
    else if (request.metadata)
      chat.body["metadata"] = *request.metadata;
    if (request.custom_attributes) chat.body["custom_attributes"] = *request.custom_attributes;
    if (request.drops_overrides) chat.body[chat_private].as_object().erase("overrides");
    if (request.override_dynamic_variables) {
      auto& overrides = chat.body[chat_private].as_object()["overrides"];
      if (!overrides.is_object()) overrides = json::Object{};
      for (const auto& [name, value] : *request.override_dynamic_variables) overrides.get_object()[name] = value;
    }
    Statements forgotten;
    if (request.data_storage_setting == ChatStorage::basic_attributes_only) {
      // What was said is not kept; a chat that goes on would need it.
      if (chat_is_open(chat)) {
        return core::Result<Statements>(fail(ErrorCode::invalid,
                                             "data_storage_setting: a chat's messages are needed until it has ended",
                                             "data_storage_setting"));
      }
      strip_chat(chat);
      forgotten.push_back(storage::WebhookStore::forget_bodies(organization_id, chat_id));
    }
    return core::Result<Statements>(std::move(forgotten));
  });
}

core::Task<core::Result<>> ChatService::end(std::string organization_id, std::string chat_id) {
  const auto now = core::epoch_ms(clock_.wall());
  const auto changed = co_await change(std::move(organization_id), std::move(chat_id), [&](storage::Document& chat) {
    settle_chat(chat, now);
    end_chat(chat, now);
    return core::Result<std::vector<storage::Statement>>();
  });
  if (!changed) co_return tl::unexpected(changed.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> ChatService::remove(std::string organization_id, std::string chat_id) {
  auto statements = storage::WebhookStore::forget_call(organization_id, chat_id);
  statements.push_back(chats_.removal(organization_id, chat_id));
  statements.back().at_least_rows = 1;
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done && done.error().field == storage::too_few_rows) co_return none(chat_id);
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<json::Array>> ChatService::complete(std::string organization_id, std::string chat_id,
                                                            std::string content) {
  if (content.empty() || text::utf8_length(content) > longest_content) {
    co_return fail(ErrorCode::invalid, "content: must be 1 to 32000 characters", "content");
  }
  auto found = co_await chats_.find(organization_id, chat_id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(chat_id);
  auto& chat = **found;
  settle_chat(chat, core::epoch_ms(clock_.wall()));
  if (!chat_is_open(chat)) co_return fail(ErrorCode::unprocessable, "Chat " + chat_id + " has ended");
  if (chat.body["message_with_tool_calls"].as_array().size() >= most_messages) {
    co_return fail(ErrorCode::unprocessable, "Chat " + chat_id + " has too many messages; begin another");
  }
  const auto speaker = co_await engine_.speaker(
      organization_id, chat.lookup,
      {storage::VersionChoice::Kind::exact, chat.body.at("version").to_number<std::int32_t>()}, domain::Channel::chat);
  if (!speaker) co_return tl::unexpected(speaker.error());

  auto variables = text_map(chat.body[chat_private].as_object(), "variables");
  for (auto& [name, value] : text_map(chat.body[chat_private].as_object(), "overrides")) variables[name] = value;
  auto conversation = chat_messages(chat);
  conversation.push_back({providers::Role::user, content});
  const auto reply = co_await engine_.answer(*speaker, std::move(variables), std::move(conversation));
  if (!reply) co_return tl::unexpected(reply.error());

  json::Array added;
  const auto now = core::epoch_ms(clock_.wall());
  using Statements = std::vector<storage::Statement>;
  const auto changed = co_await change(organization_id, chat_id, [&](storage::Document& document) {
    added.clear();
    if (!chat_is_open(document)) {
      return core::Result<Statements>(fail(ErrorCode::unprocessable, "Chat " + chat_id + " has ended"));
    }
    add_message(document, "user", content, now);
    if (!reply->text.empty()) added.push_back(add_message(document, "agent", reply->text, now));
    for (const auto& call : reply->tool_calls) {
      added.push_back(add_entry(document,
                                json::Object{{"role", "tool_call_invocation"},
                                             {"tool_call_id", call.id},
                                             {"name", call.name},
                                             {"arguments", call.arguments}},
                                now));
      added.push_back(add_entry(
          document, json::Object{{"role", "tool_call_result"}, {"tool_call_id", call.id}, {"content", "ended"}}, now));
      end_chat(document, now);
    }
    return core::Result<Statements>();
  });
  if (!changed) co_return tl::unexpected(changed.error());
  co_return added;
}

}  // namespace retell::services
