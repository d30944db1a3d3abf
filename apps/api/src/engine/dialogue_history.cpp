#include "engine/dialogue_history.hpp"

#include <algorithm>

namespace retell::engine {
namespace {

using providers::LlmMessage;
using providers::Role;

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

std::vector<LlmMessage> to_messages(const std::string& system_prompt, const std::vector<Utterance>& lines,
                                    const std::string& extra) {
  std::vector<LlmMessage> messages{{Role::system, system_prompt}};
  for (const auto& line : lines) {
    switch (line.role) {
      case Utterance::Role::user:
        add(messages, Role::user, line.content);
        break;
      case Utterance::Role::agent:
        add(messages, Role::assistant, line.content);
        break;
      case Utterance::Role::dtmf:
        add(messages, Role::user, "(pressed the keys " + line.content + ")");
        break;
      case Utterance::Role::tool_call_invocation: {
        const bool answered = std::any_of(lines.begin(), lines.end(), [&](const Utterance& other) {
          return other.role == Utterance::Role::tool_call_result && other.tool_call_id == line.tool_call_id;
        });
        if (!answered) break;
        const providers::ToolCall call{line.tool_call_id, line.name, line.arguments};
        if (messages.back().role == Role::assistant) {
          messages.back().tool_calls.push_back(call);
        } else {
          messages.push_back({Role::assistant, "", {call}});
        }
        break;
      }
      case Utterance::Role::tool_call_result:
        messages.push_back({Role::tool, line.content, {}, line.tool_call_id});
        break;
    }
  }
  if (!extra.empty()) add(messages, Role::user, extra);
  return messages;
}

}  // namespace retell::engine
