#include "engine/turn/history.hpp"

#include <gtest/gtest.h>

namespace retell::engine::turn {
namespace {

std::vector<std::string> lines(const History& history) {
  std::vector<std::string> result;
  for (const auto& line : history.utterances()) {
    switch (line.role) {
      case Utterance::Role::agent:
        result.push_back("agent: " + line.content + (line.interrupted ? " --" : ""));
        break;
      case Utterance::Role::user:
        result.push_back("user: " + line.content);
        break;
      case Utterance::Role::tool_call_invocation:
        result.push_back("call: " + line.name);
        break;
      case Utterance::Role::tool_call_result:
        result.push_back((line.successful ? "result: " : "failed: ") + line.content);
        break;
      case Utterance::Role::dtmf:
        result.push_back("keys: " + line.content);
        break;
    }
  }
  return result;
}

using Lines = std::vector<std::string>;

TEST(History, grows_the_agents_line_while_it_sounds) {
  History history;
  history.agent(1, 0, "", {});
  EXPECT_TRUE(history.entries().empty());
  history.agent(1, 0, "Hello", {});
  const auto before = history.revision();
  history.agent(1, 0, "Hello there", {});
  history.agent(1, 0, "Hello there", {});
  EXPECT_EQ(history.revision(), before + 1);
  EXPECT_EQ(lines(history), (Lines{"agent: Hello there"}));
}

TEST(History, takes_a_line_back_of_which_nothing_was_heard_after_all) {
  History history;
  history.agent(1, 0, "Hello", {});
  history.agent(1, 0, "", {});
  EXPECT_TRUE(history.entries().empty());
}

TEST(History, puts_a_line_before_the_tools_called_after_it_although_it_sounds_later) {
  History history;
  history.caller("what time", {}, false);
  history.tool_started(2, "c1", "hours", "{}");
  history.agent(2, 0, "Let me see.", {});
  history.tool_finished(2, "c1", "nine", true);
  history.agent(2, 2, "At nine.", {});
  EXPECT_EQ(lines(history),
            (Lines{"user: what time", "agent: Let me see.", "call: hours", "result: nine", "agent: At nine."}));
}

TEST(History, keeps_one_result_of_a_call) {
  History history;
  history.tool_started(1, "c1", "hours", "{}");
  history.tool_finished(1, "c1", "nine", false);
  history.tool_finished(1, "c1", "ten", true);
  EXPECT_EQ(lines(history), (Lines{"call: hours", "failed: nine"}));
}

TEST(History, extends_the_callers_turn_past_asides) {
  History history;
  history.caller("I want a table", {}, false);
  history.caller_aside("mm-hm", {});
  history.caller("I want a table for two", {}, true);
  EXPECT_EQ(lines(history), (Lines{"user: I want a table for two", "user: mm-hm"}));
}

TEST(History, marks_the_line_that_was_cut) {
  History history;
  history.agent(1, 0, "Hello", {});
  history.interrupted(1);
  history.digits("12");
  EXPECT_EQ(lines(history), (Lines{"agent: Hello --", "keys: 12"}));
}

TEST(History, counts_seconds_from_the_calls_start) {
  History history;
  const core::TimePoint start{std::chrono::hours(2)};
  history.began(start);
  EXPECT_DOUBLE_EQ(history.seconds(start + core::Millis(1'500)), 1.5);
}

}  // namespace
}  // namespace retell::engine::turn
