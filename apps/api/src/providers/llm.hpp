// Language models, streaming. An Llm belongs to one call; each stream is one completion.
#pragma once
#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::providers {

enum class Role : std::uint8_t { system, user, assistant, tool };

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON text as the model wrote it; may be invalid
};

struct LlmMessage {
  Role role = Role::user;
  std::string content;
  std::vector<ToolCall> tool_calls = {};  // of an assistant message
  std::string tool_call_id = {};          // of a tool message
};

struct LlmTool {
  std::string name;
  std::string description;
  boost::json::value parameters;  // JSON Schema object
};

struct LlmRequest {
  std::vector<LlmMessage> messages;
  std::vector<LlmTool> tools = {};
  std::optional<double> temperature = {};
  int max_tokens = 512;
};

struct LlmText {
  std::string delta;
};
struct LlmToolCall {  // complete: arguments have been gathered
  ToolCall call;
};
struct LlmDone {
  std::string finish_reason;  // stop, length, tool_calls
  int prompt_tokens = 0;      // 0 when unknown
  int completion_tokens = 0;
};
struct LlmError {
  core::Error error;
};
using LlmEvent = std::variant<LlmText, LlmToolCall, LlmDone, LlmError>;
using LlmHandler = std::function<void(LlmEvent)>;

struct LlmOptions {
  core::Executor executor;
  core::Logger log;
  std::string model;
  std::string language = {};  // BCP 47, of the conversation; empty when not known
};

// Destroying it cancels the completion; no event is delivered during or after the destructor, nor from inside stream().
class LlmStream {
 public:
  virtual ~LlmStream() = default;
};

class Llm {
 public:
  virtual ~Llm() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Opens connections and, where it pays, has the prefix (system prompt and tools) computed while the call rings; as of
  // Stt otherwise.
  virtual void prewarm(const LlmRequest& prefix) { (void)prefix; }
  [[nodiscard]] virtual std::unique_ptr<LlmStream> stream(LlmRequest request, LlmHandler handler) = 0;
};

}  // namespace retell::providers
