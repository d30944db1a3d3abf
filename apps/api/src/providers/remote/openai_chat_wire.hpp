// OpenAI's chat completions as JSON: the request, and the chunks of its streamed answer. Pure; any bytes are safe.
#pragma once
#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "providers/llm.hpp"

namespace retell::providers::remote {

// `limit_field`: max_tokens (every compatible server) or max_completion_tokens (OpenAI's newer models insist on it).
// Members of `extra` are added to the request and win over ours.
[[nodiscard]] std::string chat_request(const LlmRequest& request, std::string_view model, std::string_view limit_field,
                                       const boost::json::object& extra);

// Gathers one completion from the data of its server-sent events.
class ChatChunks {
 public:
  explicit ChatChunks(std::string_view vendor) : vendor_(vendor) {}

  // What one event's data says, appended to `out`: text as it comes, tool calls once they are whole, LlmDone after
  // "[DONE]". False after an LlmError, which is the last event.
  bool push(std::string_view data, std::vector<LlmEvent>& out);
  // The body has ended: LlmDone if the model had finished, an error if it stopped in the middle, nothing if all was
  // said already.
  void end(std::vector<LlmEvent>& out);

  [[nodiscard]] bool done() const { return done_; }

 private:
  struct Gathering {
    std::int64_t index;
    ToolCall call;
  };
  bool fail(core::ErrorCode code, std::string message, std::vector<LlmEvent>& out);
  bool take_tool_calls(const boost::json::array& deltas, std::vector<LlmEvent>& out);
  void release_tool_calls(std::vector<LlmEvent>& out);
  void finish(std::vector<LlmEvent>& out);

  std::string vendor_;
  std::vector<Gathering> calls_;
  std::size_t call_bytes_ = 0;
  LlmDone result_;
  bool finished_ = false;  // a finish_reason has come
  bool done_ = false;
};

}  // namespace retell::providers::remote
