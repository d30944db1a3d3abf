#include "services/chat_record.hpp"

#include "core/ids.hpp"

namespace retell::services {
namespace {

std::string_view text(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

std::int64_t number(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

const json::Object& own_of(const storage::Document& chat) {
  static const json::Object none;
  const auto* own = chat.body.if_contains(chat_private);
  return own != nullptr && own->is_object() ? own->get_object() : none;
}

// When nobody's silence is waited for any longer; nothing: it is waited for ever.
std::optional<std::int64_t> silent_until(const storage::Document& chat) {
  const auto limit = number(own_of(chat), "end_after_silence_ms");
  if (limit <= 0) return std::nullopt;
  return chat.modified_at + limit;
}

const json::Array& messages_of(const storage::Document& chat) {
  static const json::Array none;
  const auto* messages = chat.body.if_contains("message_with_tool_calls");
  return messages != nullptr && messages->is_array() ? messages->get_array() : none;
}

std::string transcript_of(const json::Array& messages) {
  std::string lines;
  for (const auto& message : messages) {
    const auto role = text(message.as_object(), "role");
    if (role != "agent" && role != "user") continue;
    if (!lines.empty()) lines += "\n";
    lines.append(role == "agent" ? "Agent: " : "User: ").append(text(message.as_object(), "content"));
  }
  return lines;
}

}  // namespace

json::Object chat_json(const storage::Document& chat) {
  json::Object out{{"chat_id", chat.id}};
  for (const auto& member : chat.body) {
    if (member.key() != chat_private) out.emplace(member.key(), member.value());
  }
  if (const auto& messages = messages_of(chat); !messages.empty()) out["transcript"] = transcript_of(messages);
  return out;
}

bool chat_is_open(const storage::Document& chat) { return text(chat.body, "chat_status") == "ongoing"; }

std::size_t entries_of(const storage::Document& chat) { return messages_of(chat).size(); }

json::Value& add_entry(storage::Document& chat, json::Object entry, std::int64_t now) {
  entry["message_id"] = core::make_id("message_", 8);
  entry["created_timestamp"] = now;
  auto& messages = chat.body["message_with_tool_calls"];
  if (!messages.is_array()) messages = json::Array{};
  chat.modified_at = now;
  return messages.get_array().emplace_back(std::move(entry));
}

json::Value& add_message(storage::Document& chat, std::string_view role, std::string content, std::int64_t now) {
  return add_entry(chat, json::Object{{"role", role}, {"content", std::move(content)}}, now);
}

void end_chat(storage::Document& chat, std::int64_t now) {
  if (!chat_is_open(chat)) return;
  chat.body["chat_status"] = "ended";
  chat.body["end_timestamp"] = now;
}

void settle_chat(storage::Document& chat, std::int64_t now) {
  const auto until = silent_until(chat);
  if (!chat_is_open(chat) || !until || now < *until) return;
  const std::string farewell(text(own_of(chat), "auto_close_message"));
  if (!farewell.empty()) add_message(chat, "agent", farewell, *until);
  end_chat(chat, *until);
}

void set_times(storage::Document& chat) {
  constexpr double day_ms = 24.0 * 60 * 60 * 1'000;
  const bool open = chat_is_open(chat);
  const auto until = silent_until(chat);
  chat.closes_at = open ? until : std::nullopt;
  chat.expires_at.reset();
  const auto* days = own_of(chat).if_contains("retention_days");
  if (days == nullptr || !days->is_number()) return;
  const auto end = open ? until.value_or(chat.modified_at) : number(chat.body, "end_timestamp");
  chat.expires_at = end + static_cast<std::int64_t>(days->to_number<double>() * day_ms);
}

void strip_chat(storage::Document& chat) {
  for (const auto* name : {"message_with_tool_calls", "metadata", "retell_llm_dynamic_variables"}) {
    chat.body.erase(name);
  }
  if (auto* own = chat.body.if_contains(chat_private); own != nullptr && own->is_object()) {
    own->get_object()["variables"] = json::Object{};
  }
}

bool keeps_content(const storage::Document& chat) {
  return text(own_of(chat), "data_storage_setting") != "basic_attributes_only";
}

std::vector<providers::LlmMessage> chat_messages(const storage::Document& chat) {
  std::vector<providers::LlmMessage> out;
  for (const auto& message : messages_of(chat)) {
    const auto role = text(message.as_object(), "role");
    if (role != "agent" && role != "user") continue;
    out.push_back({role == "agent" ? providers::Role::assistant : providers::Role::user,
                   std::string(text(message.as_object(), "content"))});
  }
  return out;
}

}  // namespace retell::services
