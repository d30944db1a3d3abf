#include "providers/remote/openai_chat_wire.hpp"

#include <algorithm>
#include <utility>

#include "json/text.hpp"
#include "providers/remote/vendor_error.hpp"

namespace retell::providers::remote {

namespace {

constexpr std::size_t most_calls = 32;                         // in one completion
constexpr std::size_t most_call_bytes = std::size_t{1} << 18;  // of names and arguments together

const char* role_name(Role role) {
  switch (role) {
    case Role::system:
      return "system";
    case Role::user:
      return "user";
    case Role::assistant:
      return "assistant";
    case Role::tool:
      return "tool";
  }
  return "user";
}

json::Object message_json(const LlmMessage& message) {
  json::Object out{{"role", role_name(message.role)}};
  if (message.role == Role::tool) out["tool_call_id"] = message.tool_call_id;
  if (message.tool_calls.empty()) {
    out["content"] = message.content;
    return out;
  }
  // An assistant message with calls may have no text at all; some servers refuse an empty string there.
  if (message.content.empty())
    out["content"] = nullptr;
  else
    out["content"] = message.content;
  json::Array calls;
  for (const auto& call : message.tool_calls) {
    calls.push_back(json::Object{{"id", call.id},
                                 {"type", "function"},
                                 {"function", json::Object{{"name", call.name}, {"arguments", call.arguments}}}});
  }
  out["tool_calls"] = std::move(calls);
  return out;
}

const json::Object* object_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const json::Array* array_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

std::string_view text_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr) return {};
  const auto* text = value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

int count_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  boost::system::error_code inexact;
  const auto number = value->to_number<int>(inexact);
  return inexact || number < 0 ? 0 : number;
}

}  // namespace

std::string chat_request(const LlmRequest& request, std::string_view model, std::string_view limit_field,
                         const boost::json::object& extra) {
  json::Object out{{"model", model}, {"stream", true}, {"stream_options", json::Object{{"include_usage", true}}}};
  json::Array messages;
  messages.reserve(request.messages.size());
  for (const auto& message : request.messages) messages.push_back(message_json(message));
  out["messages"] = std::move(messages);
  if (!request.tools.empty()) {
    json::Array tools;
    for (const auto& tool : request.tools) {
      json::Object function{{"name", tool.name}, {"description", tool.description}};
      function["parameters"] = tool.parameters.is_object()
                                   ? tool.parameters
                                   : json::Value(json::Object{{"type", "object"}, {"properties", json::Object{}}});
      tools.push_back(json::Object{{"type", "function"}, {"function", std::move(function)}});
    }
    out["tools"] = std::move(tools);
  }
  if (request.temperature) out["temperature"] = *request.temperature;
  out[limit_field] = request.max_tokens;
  for (const auto& member : extra) out[member.key()] = member.value();
  return json::dump(out);
}

bool ChatChunks::fail(core::ErrorCode code, std::string message, std::vector<LlmEvent>& out) {
  done_ = true;
  out.emplace_back(LlmError{{code, std::move(message)}});
  return false;
}

bool ChatChunks::push(std::string_view data, std::vector<LlmEvent>& out) {
  if (done_) return false;
  if (data == "[DONE]") {
    finish(out);
    return true;
  }
  const auto parsed = json::parse(data);
  const auto* chunk = parsed ? parsed->if_object() : nullptr;
  if (chunk == nullptr) return fail(core::ErrorCode::protocol, vendor_ + " sent a chunk that is not JSON", out);
  if (const auto* error = chunk->if_contains("error"); error != nullptr && !error->is_null()) {
    return fail(core::ErrorCode::unavailable, vendor_ + " broke off: " + vendor_words(data), out);
  }
  if (const auto* usage = object_at(*chunk, "usage")) {
    result_.prompt_tokens = count_at(*usage, "prompt_tokens");
    result_.completion_tokens = count_at(*usage, "completion_tokens");
  }
  const auto* choices = array_at(*chunk, "choices");
  if (choices == nullptr || choices->empty()) return true;  // the chunk with usage, or a vendor's own extra
  const auto* choice = choices->front().if_object();
  if (choice == nullptr) return fail(core::ErrorCode::protocol, vendor_ + " sent a choice that is no object", out);
  if (const auto* delta = object_at(*choice, "delta")) {
    if (const auto text = text_at(*delta, "content"); !text.empty()) out.emplace_back(LlmText{std::string(text)});
    if (const auto* calls = array_at(*delta, "tool_calls")) {
      if (!take_tool_calls(*calls, out)) return false;
    }
  }
  if (const auto reason = text_at(*choice, "finish_reason"); !reason.empty() && !finished_) {
    finished_ = true;
    result_.finish_reason = reason;
    release_tool_calls(out);
  }
  return true;
}

// Parts of a call belong together by their index. Servers that send whole calls often leave the index out or at 0, so
// another id also begins another call.
bool ChatChunks::take_tool_calls(const boost::json::array& deltas, std::vector<LlmEvent>& out) {
  for (const auto& value : deltas) {
    const auto* delta = value.if_object();
    if (delta == nullptr) return fail(core::ErrorCode::protocol, vendor_ + " sent a tool call that is no object", out);
    const auto id = text_at(*delta, "id");
    std::int64_t index = -1;
    if (const auto* given = delta->if_contains("index")) {
      if (const auto* number = given->if_int64()) index = *number;
    }
    auto at = calls_.end();
    if (index >= 0) {
      at = std::find_if(calls_.begin(), calls_.end(), [&](const auto& g) {
        return g.index == index && (id.empty() || g.call.id.empty() || g.call.id == id);
      });
    } else if (!id.empty()) {
      at = std::find_if(calls_.begin(), calls_.end(), [&](const auto& g) { return g.call.id == id; });
    } else if (!calls_.empty()) {
      at = calls_.end() - 1;
    }
    if (at == calls_.end()) {
      if (calls_.size() == most_calls) return fail(core::ErrorCode::protocol, vendor_ + " made too many calls", out);
      calls_.push_back({index, {}});
      at = calls_.end() - 1;
    }
    if (at->call.id.empty()) at->call.id = id;
    if (const auto* function = object_at(*delta, "function")) {
      const auto name = text_at(*function, "name");
      if (at->call.name.empty()) at->call.name = name;
      auto arguments = std::string(text_at(*function, "arguments"));
      if (const auto* object = object_at(*function, "arguments")) arguments = json::dump(*object);
      call_bytes_ += name.size() + arguments.size();
      if (call_bytes_ > most_call_bytes) {
        return fail(core::ErrorCode::protocol, vendor_ + " made a call with too long arguments", out);
      }
      at->call.arguments += arguments;
    }
  }
  return true;
}

void ChatChunks::release_tool_calls(std::vector<LlmEvent>& out) {
  int number = 0;
  for (auto& gathered : calls_) {
    if (gathered.call.name.empty()) continue;
    if (gathered.call.id.empty()) gathered.call.id = "call_" + std::to_string(number);
    ++number;
    out.emplace_back(LlmToolCall{std::move(gathered.call)});
  }
  calls_.clear();
}

void ChatChunks::finish(std::vector<LlmEvent>& out) {
  if (done_) return;
  done_ = true;
  release_tool_calls(out);
  if (result_.finish_reason.empty()) result_.finish_reason = "stop";
  out.emplace_back(std::move(result_));
}

void ChatChunks::end(std::vector<LlmEvent>& out) {
  if (done_) return;
  if (finished_)
    finish(out);
  else
    fail(core::ErrorCode::unavailable, vendor_ + " ended the answer in the middle", out);
}

}  // namespace retell::providers::remote
