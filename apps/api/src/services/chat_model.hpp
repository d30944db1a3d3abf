// Where chats get their words from. Implemented by app/ over the configured language models.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "providers/llm.hpp"

namespace retell::services {

struct ChatPrompt {
  std::string vendor;                       // "vendor" or "vendor:model"
  std::vector<std::string> fallbacks = {};  // tried in order when it fails
  providers::LlmRequest request = {};
};

struct ChatReply {
  std::string text;
  std::vector<providers::ToolCall> tool_calls = {};
};

// Any thread. Errors: unprocessable, which says why, when none of the models can be used as they are set; unavailable
// when one that did not answer may do so later.
class ChatModel {
 public:
  virtual ~ChatModel() = default;
  [[nodiscard]] virtual core::Task<core::Result<ChatReply>> complete(ChatPrompt prompt) = 0;
};

}  // namespace retell::services
