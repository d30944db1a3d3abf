// A conversation as text for a local model: tools are described and called in the notation that Qwen and Hermes models
// were trained on (<tool_call>{"name": ..., "arguments": ...}</tool_call>), which other instruction models can follow.
// Pure; any thread.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/llm.hpp"

namespace retell::providers::local {

struct ChatTurn {
  std::string role;  // system, user, assistant
  std::string content;
};

// Tools go into the system turn (one is made when there is none); calls and their results become text.
[[nodiscard]] std::vector<ChatTurn> chat_turns(const LlmRequest& request);

// The turns without the oldest one after the system turn, for when the context is full; false when none can go.
[[nodiscard]] bool drop_oldest_turn(std::vector<ChatTurn>& turns);

// ChatML, for models whose own template llama.cpp does not know.
[[nodiscard]] std::string chatml(const std::vector<ChatTurn>& turns);

// Splits what the model writes, piece by piece, into text to speak and calls. Text is held back only while it may be
// the beginning of a call or of a UTF-8 character.
class ReplyParser {
 public:
  using TextSink = std::function<void(std::string)>;
  using CallSink = std::function<void(ToolCall)>;

  // `tools`: the names that may be called; with none, everything is text.
  ReplyParser(std::vector<std::string> tools, TextSink text, CallSink call);
  void push(std::string_view piece);
  void finish();  // a call left unfinished is read as far as it goes, else becomes text
  [[nodiscard]] int calls() const { return calls_; }

 private:
  void emit(std::string_view text);
  void advance(bool last);
  [[nodiscard]] bool read_call(std::string_view json);

  std::vector<std::string> tools_;
  TextSink text_;
  CallSink call_;
  std::string pending_;
  bool spoke_ = false;  // something other than white space has been emitted
  int calls_ = 0;
};

}  // namespace retell::providers::local
