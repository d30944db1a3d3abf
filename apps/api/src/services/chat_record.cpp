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
  const auto* own = chat.body.if_contains(chat_private);
  if (!chat_is_open(chat) || own == nullptr || !own->is_object()) return;
  const auto limit = number(own->get_object(), "end_after_silence_ms");
  const auto until = chat.modified_at + limit;
  if (limit <= 0 || now < until) return;
  const std::string farewell(text(own->get_object(), "auto_close_message"));
  if (!farewell.empty()) add_message(chat, "agent", farewell, until);
  end_chat(chat, until);
}

std::vector<providers::LlmMessage> chat_messages(const storage::Document& chat, const std::string& system_prompt) {
  std::vector<providers::LlmMessage> out;
  out.push_back({providers::Role::system, system_prompt});
  for (const auto& message : messages_of(chat)) {
    const auto role = text(message.as_object(), "role");
    if (role != "agent" && role != "user") continue;
    out.push_back({role == "agent" ? providers::Role::assistant : providers::Role::user,
                   std::string(text(message.as_object(), "content"))});
  }
  return out;
}

}  // namespace retell::services
