// A stored chat: how it is shown, and what time does to it. Pure.
#pragma once
#include <cstdint>
#include <string>

#include "json/value.hpp"
#include "providers/llm.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services {

// Members that only the server needs lie under this name and are never shown. What its agent was set to when it began
// is among them, as a call keeps to the settings that it began with.
inline constexpr auto chat_private = "server";

[[nodiscard]] json::Object chat_json(const storage::Document& chat);  // Retell's ChatResponse

[[nodiscard]] bool chat_is_open(const storage::Document& chat);
[[nodiscard]] std::size_t entries_of(const storage::Document& chat);  // messages and tool calls
// Appends a message of `role` agent or user, and gives it.
json::Value& add_message(storage::Document& chat, std::string_view role, std::string content, std::int64_t now);
json::Value& add_entry(storage::Document& chat, json::Object entry, std::int64_t now);
void end_chat(storage::Document& chat, std::int64_t now);
// Ends a chat in which nobody has said anything for as long as its agent allows.
void settle_chat(storage::Document& chat, std::int64_t now);
// Sets when the chat ends by itself and when it is to be deleted, by what it has come to; before it is stored.
void set_times(storage::Document& chat);
// Takes away what was said and what it was about. Of a chat that has ended.
void strip_chat(storage::Document& chat);
// What its agent wants to be kept of it is more than the basic attributes.
[[nodiscard]] bool keeps_content(const storage::Document& chat);
// The conversation as a language model is given it, without a system prompt.
[[nodiscard]] std::vector<providers::LlmMessage> chat_messages(const storage::Document& chat);

}  // namespace retell::services
