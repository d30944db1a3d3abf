#include "engine/dialogue_history.hpp"

#include <gtest/gtest.h>

namespace retell::engine {
namespace {

using providers::Role;

// "user: hello | assistant: hi [call t1] | tool t1: sunny"
std::string written(const std::vector<providers::LlmMessage>& messages) {
  std::string out;
  for (const auto& message : messages) {
    if (message.role == Role::system) continue;
    if (!out.empty()) out += " | ";
    out += message.role == Role::user   ? "user"
           : message.role == Role::tool ? "tool " + message.tool_call_id
                                        : "assistant";
    out += ":";
    if (!message.content.empty()) out += " " + message.content;
    for (const auto& call : message.tool_calls) out += " [call " + call.id + "]";
  }
  return out;
}

class DialogueHistory : public testing::Test {
 protected:
  std::string messages(const std::string& extra = {}, bool extends = false) const {
    const auto all = to_messages("Be kind.", history_, extra, extends);
    EXPECT_EQ(all.front().role, Role::system);
    EXPECT_EQ(all.front().content, "Be kind.");
    return written(all);
  }
  turn::History history_;
};

TEST_F(DialogueHistory, joins_the_lines_of_one_speaker) {
  history_.agent(1, 0, "Hello there.", {});
  history_.caller("I have a question.", {}, false);
  history_.caller("It is about my bill.", {}, false);
  history_.digits("42");
  EXPECT_EQ(messages(),
            "assistant: Hello there. | user: I have a question. It is about my bill. (pressed the keys 42)");
}

TEST_F(DialogueHistory, puts_a_result_right_behind_its_call_however_late_it_came) {
  history_.caller("What is the weather?", {}, false);
  history_.agent(1, 0, "Let me look.", {});
  history_.tool_started(1, "t1", "weather", "{}");
  history_.caller("No wait.", {}, false);
  history_.agent(2, 0, "Yes?", {});
  history_.tool_finished(1, "t1", "sunny", true);
  EXPECT_EQ(messages(),
            "user: What is the weather? | assistant: Let me look. [call t1] | tool t1: sunny | "
            "user: No wait. | assistant: Yes?");
}

TEST_F(DialogueHistory, tells_of_a_call_that_still_runs) {
  history_.caller("Book a table.", {}, false);
  history_.tool_started(1, "t1", "book", "{}");
  history_.caller("For four.", {}, false);
  EXPECT_EQ(messages(),
            "user: Book a table. | assistant: [call t1] | tool t1: The function is still running; its result will "
            "follow. | user: For four.");
}

TEST_F(DialogueHistory, gives_each_of_several_calls_its_result) {
  history_.caller("Both, please.", {}, false);
  history_.tool_started(1, "a", "one", "{}");
  history_.tool_started(1, "b", "two", "{}");
  history_.tool_finished(1, "b", "2", true);
  history_.tool_finished(1, "a", "1", true);
  EXPECT_EQ(messages(), "user: Both, please. | assistant: [call a] | tool a: 1 | assistant: [call b] | tool b: 2");
}

TEST_F(DialogueHistory, puts_a_guess_at_the_end_or_in_place_of_the_turn_that_goes_on) {
  history_.agent(1, 0, "Hello.", {});
  history_.caller("I want", {}, false);
  history_.caller_aside("mm-hm", {});
  EXPECT_EQ(messages("a table"), "assistant: Hello. | user: I want mm-hm a table");
  EXPECT_EQ(messages("I want a table", true), "assistant: Hello. | user: mm-hm I want a table");
}

}  // namespace
}  // namespace retell::engine
