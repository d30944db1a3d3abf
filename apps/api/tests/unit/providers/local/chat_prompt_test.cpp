#include "providers/local/chat_prompt.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace retell::providers::local {
namespace {

struct Reply {
  std::string text;
  std::vector<ToolCall> calls;
};

// What the caller gets when the model writes `pieces`.
Reply parse(const std::vector<std::string>& pieces, std::vector<std::string> tools = {"end_call", "book"}) {
  Reply reply;
  ReplyParser parser(
      std::move(tools), [&](std::string text) { reply.text += text; },
      [&](ToolCall call) { reply.calls.push_back(std::move(call)); });
  for (const auto& piece : pieces) parser.push(piece);
  parser.finish();
  return reply;
}

TEST(ChatPrompt, puts_tools_into_the_instructions_and_results_into_the_talk) {
  LlmRequest request;
  request.messages = {{Role::system, "Be kind."},
                      {Role::user, "Book me."},
                      {Role::assistant, "", {{"1", "book", R"({"day":"Friday"})"}}},
                      {Role::tool, "done", {}, "1"}};
  request.tools = {{"book", "Books a day", boost::json::parse(R"({"type":"object"})")}};
  const auto turns = chat_turns(request);
  ASSERT_EQ(turns.size(), 4U);
  EXPECT_TRUE(turns[0].content.starts_with("Be kind."));
  EXPECT_NE(turns[0].content.find(R"("name":"book")"), std::string::npos);
  EXPECT_EQ(turns[2].content, "<tool_call>\n{\"name\":\"book\",\"arguments\":{\"day\":\"Friday\"}}\n</tool_call>");
  EXPECT_EQ(turns[3].role, "user");
  EXPECT_EQ(turns[3].content, "<tool_response>\ndone\n</tool_response>");
}

TEST(ChatPrompt, is_chatml_for_unknown_models) {
  EXPECT_EQ(chatml({{"system", "S"}, {"user", "U"}}),
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatPrompt, forgets_the_oldest_turn_but_never_the_instructions_or_the_newest) {
  std::vector<ChatTurn> turns = {{"system", "S"}, {"user", "1"}, {"assistant", "2"}, {"user", "3"}};
  EXPECT_TRUE(drop_oldest_turn(turns));
  EXPECT_EQ(turns[1].content, "2");
  EXPECT_TRUE(drop_oldest_turn(turns));
  EXPECT_FALSE(drop_oldest_turn(turns));
  ASSERT_EQ(turns.size(), 2U);
  EXPECT_EQ(turns[1].content, "3");
}

TEST(ReplyParser, streams_plain_text_at_once) {
  Reply reply;
  ReplyParser parser({"book"}, [&](std::string text) { reply.text += text; }, [](ToolCall) { FAIL(); });
  parser.push("Hello the");
  EXPECT_EQ(reply.text, "Hello the");
  parser.push("re <to");
  EXPECT_EQ(reply.text, "Hello there ");  // may be the beginning of a call
  parser.push("day>");
  EXPECT_EQ(reply.text, "Hello there <today>");
}

TEST(ReplyParser, finds_a_call_in_any_pieces) {
  const std::string whole = "One moment. <tool_call>\n{\"name\": \"book\", \"arguments\": {\"day\": 5}}\n</tool_call>";
  for (std::size_t size = 1; size < 20; ++size) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < whole.size(); at += size) pieces.push_back(whole.substr(at, size));
    const auto reply = parse(pieces);
    EXPECT_EQ(reply.text, "One moment. ");
    ASSERT_EQ(reply.calls.size(), 1U);
    EXPECT_EQ(reply.calls[0].name, "book");
    EXPECT_EQ(reply.calls[0].arguments, R"({"day":5})");
  }
}

TEST(ReplyParser, takes_a_bare_object_and_a_call_without_its_end) {
  EXPECT_EQ(parse({R"({"name":"end_call","arguments":{}})"}).calls.size(), 1U);
  EXPECT_EQ(parse({"```json\n{\"name\":\"end_call\"}\n```"}).calls.size(), 1U);
  EXPECT_EQ(parse({R"(<tool_call>{"name":"end_call"})"}).calls.size(), 1U);
}

TEST(ReplyParser, speaks_what_is_no_call) {
  EXPECT_EQ(parse({R"({"name":"unknown"})"}).text, R"({"name":"unknown"})");
  EXPECT_EQ(parse({"<tool_call>nonsense</tool_call>ok"}).text, "nonsenseok");
  EXPECT_TRUE(parse({"<tool_call>{}</tool_call>"}, {}).calls.empty());
}

TEST(ReplyParser, never_cuts_a_character) {
  std::vector<std::string> seen;
  ReplyParser parser({}, [&](std::string text) { seen.push_back(std::move(text)); }, [](ToolCall) { FAIL(); });
  for (const char c : std::string("não é €")) parser.push(std::string(1, c));
  parser.finish();
  const std::vector<std::string> expected = {"n", "ã", "o", " ", "é", " ", "€"};
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace retell::providers::local
