#include "providers/local/chat_prompt.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace retell::providers::local {
namespace {

namespace json = boost::json;

constexpr std::string_view call_open = "<tool_call>";
constexpr std::string_view call_close = "</tool_call>";

std::string tools_text(const std::vector<LlmTool>& tools) {
  std::string out =
      "\n\n# Tools\n\nYou may call one or more functions. Their signatures are within <tools></tools>:\n<tools>\n";
  for (const auto& tool : tools) {
    const json::object function{
        {"name", tool.name}, {"description", tool.description}, {"parameters", tool.parameters}};
    out += json::serialize(json::object{{"type", "function"}, {"function", function}}) + "\n";
  }
  out +=
      "</tools>\n\nTo call a function, answer only with a JSON object within <tool_call></tool_call>:\n<tool_call>\n"
      "{\"name\": <function name>, \"arguments\": <arguments as a JSON object>}\n</tool_call>";
  return out;
}

std::string call_text(const ToolCall& call) {
  json::error_code wrong;
  auto arguments = json::parse(call.arguments, wrong);
  if (wrong) arguments = json::object();
  return fmt::format("{}\n{}\n{}", call_open,
                     json::serialize(json::object{{"name", call.name}, {"arguments", std::move(arguments)}}),
                     call_close);
}

// How many bytes at the end of `text` are the beginning of `word`.
std::size_t overlap(std::string_view text, std::string_view word) {
  for (std::size_t n = std::min(text.size(), word.size() - 1); n > 0; --n) {
    if (text.ends_with(word.substr(0, n))) return n;
  }
  return 0;
}

// Bytes at the end that are a UTF-8 character not yet complete.
std::size_t incomplete_utf8(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

std::vector<ChatTurn> chat_turns(const LlmRequest& request) {
  std::vector<ChatTurn> turns;
  for (const auto& message : request.messages) {
    ChatTurn turn;
    turn.content = message.content;
    switch (message.role) {
      case Role::system:
        turn.role = "system";
        break;
      case Role::user:
        turn.role = "user";
        break;
      case Role::assistant:
        turn.role = "assistant";
        for (const auto& call : message.tool_calls) {
          turn.content += (turn.content.empty() ? "" : "\n") + call_text(call);
        }
        break;
      case Role::tool:
        turn.role = "user";
        turn.content = fmt::format("<tool_response>\n{}\n</tool_response>", message.content);
        break;
    }
    turns.push_back(std::move(turn));
  }
  if (!request.tools.empty()) {
    if (turns.empty() || turns.front().role != "system") turns.insert(turns.begin(), {"system", ""});
    turns.front().content += tools_text(request.tools);
  }
  return turns;
}

bool drop_oldest_turn(std::vector<ChatTurn>& turns) {
  const std::size_t first = !turns.empty() && turns.front().role == "system" ? 1 : 0;
  if (turns.size() <= first + 1) return false;  // the newest always stays
  turns.erase(turns.begin() + static_cast<std::ptrdiff_t>(first));
  return true;
}

std::string chatml(const std::vector<ChatTurn>& turns) {
  std::string out;
  for (const auto& turn : turns) out += fmt::format("<|im_start|>{}\n{}<|im_end|>\n", turn.role, turn.content);
  return out + "<|im_start|>assistant\n";
}

ReplyParser::ReplyParser(std::vector<std::string> tools, TextSink text, CallSink call)
    : tools_(std::move(tools)), text_(std::move(text)), call_(std::move(call)) {}

void ReplyParser::push(std::string_view piece) {
  pending_ += piece;
  advance(false);
}

void ReplyParser::finish() { advance(true); }

void ReplyParser::emit(std::string_view text) {
  if (text.empty()) return;
  spoke_ = spoke_ || text.find_first_not_of(" \n\r\t") != std::string_view::npos;
  text_(std::string(text));
}

void ReplyParser::advance(bool last) {
  while (!tools_.empty()) {
    const auto open = pending_.find(call_open);
    if (open == std::string::npos) break;
    emit(std::string_view(pending_).substr(0, open));
    pending_.erase(0, open);
    const auto close = pending_.find(call_close);
    if (close == std::string::npos && !last) return;
    const auto body = std::string_view(pending_).substr(
        call_open.size(), close == std::string::npos ? std::string_view::npos : close - call_open.size());
    if (!read_call(body)) emit(body);
    pending_.erase(0, close == std::string::npos ? pending_.size() : close + call_close.size());
  }
  if (!tools_.empty() && !spoke_) {
    // Small models forget the marks and write the bare object as their whole answer.
    const auto start = pending_.find_first_not_of(" \n\r\t`");
    const auto fenced = pending_.find("```");
    const auto object = fenced < start && start != std::string::npos ? pending_.find('{', start) : start;
    if (start != std::string::npos && object == std::string::npos && !last) return;
    if (object != std::string::npos && pending_[object] == '{') {
      if (!last) return;
      if (read_call(std::string_view(pending_).substr(object))) pending_.clear();
    }
  }
  std::size_t keep = 0;
  if (!last) keep = std::max(tools_.empty() ? 0 : overlap(pending_, call_open), incomplete_utf8(pending_));
  emit(std::string_view(pending_).substr(0, pending_.size() - keep));
  pending_.erase(0, pending_.size() - keep);
}

bool ReplyParser::read_call(std::string_view text) {
  const auto start = text.find('{');
  const auto end = text.rfind('}');
  if (start == std::string_view::npos || end == std::string_view::npos || end < start) return false;
  json::error_code wrong;
  const auto value = json::parse(text.substr(start, end - start + 1), wrong);
  if (wrong || !value.is_object()) return false;
  const auto* name = value.get_object().if_contains("name");
  if (name == nullptr || !name->is_string()) return false;
  ToolCall call;
  call.name = std::string(name->get_string());
  if (std::find(tools_.begin(), tools_.end(), call.name) == tools_.end()) return false;
  const auto* arguments = value.get_object().if_contains("arguments");
  call.arguments = arguments == nullptr ? "{}" : json::serialize(*arguments);
  call.id = fmt::format("call_local_{}", ++calls_);
  call_(std::move(call));
  return true;
}

}  // namespace retell::providers::local
