#include "engine/dialogue_history.hpp"

#include <string_view>
#include <unordered_map>

namespace retell::engine {
namespace {

using providers::LlmMessage;
using providers::Role;

constexpr const char* still_running = "The function is still running; its result will follow.";

void add(std::vector<LlmMessage>& messages, Role role, const std::string& text) {
  if (text.empty()) return;
  auto& last = messages.back();
  if (last.role == role && last.tool_calls.empty()) {
    last.content += ' ' + text;
    return;
  }
  messages.push_back({role, text});
}

}  // namespace

std::vector<LlmMessage> to_messages(const std::string& system_prompt, const turn::History& history,
                                    const std::string& extra, bool extends) {
  std::unordered_map<std::string_view, const Utterance*> results;
  for (const auto& entry : history.entries()) {
    const auto& line = entry.line;
    if (line.role == Utterance::Role::tool_call_result) results.emplace(line.tool_call_id, &line);
  }
  const auto* replaced = extends ? history.last_caller() : nullptr;
  std::vector<LlmMessage> messages{{Role::system, system_prompt}};
  for (const auto& entry : history.entries()) {
    const auto& line = entry.line;
    switch (line.role) {
      case Utterance::Role::user:
        if (&entry != replaced) add(messages, Role::user, line.content);
        break;
      case Utterance::Role::agent:
        add(messages, Role::assistant, line.content);
        break;
      case Utterance::Role::dtmf:
        add(messages, Role::user, "(pressed the keys " + line.content + ")");
        break;
      case Utterance::Role::tool_call_invocation: {
        const auto result = results.find(line.tool_call_id);
        const providers::ToolCall call{line.tool_call_id, line.name, line.arguments};
        if (messages.back().role == Role::assistant) {
          messages.back().tool_calls.push_back(call);
        } else {
          messages.push_back({Role::assistant, "", {call}});
        }
        messages.push_back(
            {Role::tool, result == results.end() ? still_running : result->second->content, {}, line.tool_call_id});
        break;
      }
      case Utterance::Role::tool_call_result:  // stands behind its call
        break;
    }
  }
  if (!extra.empty()) add(messages, Role::user, extra);
  return messages;
}

}  // namespace retell::engine
