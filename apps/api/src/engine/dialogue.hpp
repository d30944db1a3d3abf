// What the agent says: prompt and history to a language model, its words to clauses, its tool calls to tools, with
// fall-backs. One reply at a time, of the open turn. On the call's worker.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/task_group.hpp"
#include "engine/call_plan.hpp"
#include "engine/turn/actions.hpp"
#include "engine/turn/events.hpp"
#include "engine/turn/history.hpp"
#include "providers/registry.hpp"
#include "text/sentence_chunker.hpp"

namespace retell::engine {

class Dialogue {
 public:
  struct Parts {
    providers::Place place;
    const providers::Registry& registry;
    const CallPlan& plan;
    core::Logger log;
    core::TaskGroup& tasks;
    bool allow_private_tools = false;
    std::function<void(turn::Event)> report;
    std::function<const turn::History&()> history;
    // A clause to speak; `cacheable`: a fixed text.
    std::function<void(const std::string& text, bool uninterruptible, bool cacheable)> say;
    std::function<void()> said_all;  // no more clauses in this turn
    std::function<void(std::string note)> failed_over;
    std::function<void(std::string_view vendor)> vendor_failed;
  };

  explicit Dialogue(Parts parts);
  void prewarm();
  // A fixed text as it is given to `say`, one clause after the other.
  [[nodiscard]] std::vector<std::string> clauses(const std::string& text) const;

  void start(const turn::StartTurn& order);
  void speculate(const turn::SpeculateTurn& order);
  void commit(turn::TurnId turn);
  void cancel(turn::TurnId turn);     // running tools go on
  void fail_over(turn::TurnId turn);  // ask the fall-back model anew
  void give_up_tool(turn::TurnId turn);

  [[nodiscard]] int prompt_tokens() const { return prompt_tokens_; }
  [[nodiscard]] int completion_tokens() const { return completion_tokens_; }

 private:
  void make_vendor();
  void ask();
  void retire();
  [[nodiscard]] providers::LlmRequest request() const;
  void on_event(providers::LlmEvent event);
  void on_text(const std::string& delta);
  void round_over();
  void run_tools();
  [[nodiscard]] core::Task<void> run_custom(turn::TurnId turn, providers::ToolCall call, ToolPlan tool);
  void tool_finished(turn::TurnId turn, const std::string& id, std::string content, bool successful);
  void next_round();
  void complete(turn::AfterReply after);
  void speak_fixed(const std::string& text);
  [[nodiscard]] const ToolPlan* find_tool(const std::string& name) const;

  Parts parts_;
  text::SentenceChunker chunker_;
  std::unique_ptr<providers::Llm> vendor_;
  std::unique_ptr<providers::LlmStream> stream_;
  std::uint64_t generation_ = 0;  // of stream_; a dying one is not listened to
  std::size_t vendor_index_ = 0;

  // of the open turn
  turn::TurnId turn_ = 0;
  std::string note_;      // what asks for the reply besides the history
  bool extends_ = false;  // note_ stands in place of the caller's last line
  bool held_ = false;     // speculative: nothing may leave yet
  bool done_while_held_ = false;
  std::string held_text_;
  std::vector<providers::ToolCall> calls_;  // of this round
  std::vector<std::string> running_;        // ids of tools whose result is awaited
  bool speak_after_tools_ = false;
  int rounds_ = 0;
  bool first_delta_ = true;

  int prompt_tokens_ = 0;
  int completion_tokens_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a retired stream looks whether this still exists
};

}  // namespace retell::engine
