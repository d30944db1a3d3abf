#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

class Chats : public ServicesFixture {
 protected:
  // An agent whose LLM is this; `more` are further settings of the agent, beginning with a comma.
  std::string make_chat_agent(
      std::string_view llm = R"({"general_prompt":"Be {{mood}}.","begin_message":"Hi {{who}}"})",
      const std::string& more = "") {
    const auto made = run(agents.create(
        organization,
        of(R"({"response_engine":{"type":"retell-llm","llm_id":")" + make_llm(llm) + R"("})" + more + "}"),
        domain::Channel::chat));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made->agent_id;
  }
  std::string make_chat(const std::string& agent) {
    ChatRequest request;
    request.agent_id = agent;
    request.retell_llm_dynamic_variables = domain::TextMap{{"mood", "kind"}, {"who", "Ana"}};
    const auto chat = run(chats.create(organization, std::move(request)));
    EXPECT_TRUE(chat.has_value()) << chat.error().message;
    return std::string(chat->at("chat_id").as_string());
  }
};

TEST_P(Chats, begin_with_the_agents_words_and_go_on_with_the_models) {
  const auto chat = make_chat(make_chat_agent());
  const auto answer = run(chats.complete(organization, chat, "Can you help?"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  ASSERT_EQ(answer->size(), 1U);
  EXPECT_EQ((*answer)[0].at("content").as_string(), "Sure.");
  ASSERT_EQ(chat_model.asked.size(), 1U);
  const auto& messages = chat_model.asked[0].request.messages;
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].content, "Be kind.");
  EXPECT_EQ(messages[1].content, "Hi Ana");
  EXPECT_EQ(messages[2].content, "Can you help?");
  const auto stored = run(chats.get(organization, chat));
  EXPECT_EQ(stored->at("transcript").as_string(), "Agent: Hi Ana\nUser: Can you help?\nAgent: Sure.");
  EXPECT_FALSE(stored->contains("server"));
}

TEST_P(Chats, end_when_the_model_says_so_or_nobody_speaks_or_someone_asks) {
  const auto ender = make_chat_agent(R"({"general_tools":[{"type":"end_call","name":"end_chat"}]})");
  const auto by_model = make_chat(ender);
  chat_model.answer = ChatReply{"Bye.", {{"call_1", "end_chat", "{}"}}};
  EXPECT_EQ(run(chats.complete(organization, by_model, "Thanks"))->size(), 3U);
  EXPECT_EQ(run(chats.get(organization, by_model))->at("chat_status").as_string(), "ended");
  EXPECT_EQ(run(chats.complete(organization, by_model, "More")).error().code, core::ErrorCode::unprocessable);

  const auto silent =
      make_chat(make_chat_agent("{}", R"(,"end_chat_after_silence_ms":120000,"auto_close_message":"Closed.")"));
  clock.advance(std::chrono::milliseconds(119'999));
  EXPECT_EQ(run(chats.get(organization, silent))->at("chat_status").as_string(), "ongoing");
  clock.advance(std::chrono::milliseconds(1));
  const auto closed = run(chats.get(organization, silent));
  EXPECT_EQ(closed->at("chat_status").as_string(), "ended");
  EXPECT_EQ(closed->at("transcript").as_string(), "Agent: Closed.");

  const auto asked = make_chat(ender);
  ASSERT_TRUE(run(chats.end(organization, asked)));
  EXPECT_EQ(run(chats.get(organization, asked))->at("chat_status").as_string(), "ended");
}

TEST_P(Chats, are_refused_where_the_agent_could_not_do_what_it_is_set_to) {
  ChatRequest request;
  request.agent_id = make_chat_agent(R"({"general_tools":[{"type":"custom","name":"t","url":"https://x.y"}]})");
  const auto tools = run(chats.create(organization, request));
  EXPECT_EQ(tools.error().code, core::ErrorCode::unprocessable);
  EXPECT_NE(tools.error().message.find("not available on this server yet"), std::string::npos);
  request.agent_id = make_agent();
  EXPECT_EQ(run(chats.create(organization, request)).error().message, "Agent " + request.agent_id + " not found");
  chat_model.answer = core::fail(core::ErrorCode::unavailable, "no language model answered");
  const auto chat = make_chat(make_chat_agent());
  EXPECT_EQ(run(chats.complete(organization, chat, "Hello")).error().code, core::ErrorCode::unavailable);
  EXPECT_EQ(run(chats.get(organization, chat))->at("transcript").as_string(), "Agent: Hi Ana");
}

TEST_P(Chats, are_filtered_counted_and_only_their_owners) {
  const auto agent = make_chat_agent();
  for (int i = 0; i < 3; ++i) make_chat(agent);
  const auto last = make_chat(agent);
  ASSERT_TRUE(run(chats.end(organization, last)));
  ChatQuery query;
  query.page.limit = 2;
  query.include_total = true;
  query.filter = domain::ListFilter::parse(of(R"({"chat_status":{"type":"enum","op":"in","value":["ongoing"]}})"),
                                           domain::chat_groups())
                     .value();
  const auto page = run(chats.list(organization, query));
  EXPECT_EQ(page->total, 3);
  EXPECT_EQ(page->page.items.size(), 2U);
  EXPECT_TRUE(page->page.has_more);
  EXPECT_FALSE(run(chats.get("org_other", last)).has_value());
  EXPECT_FALSE(run(chats.remove("org_other", last)).has_value());
  EXPECT_EQ(run(chats.list("org_other", query))->total, 0);
}

TEST_P(Chats, null_removes_what_may_be_missing_and_is_refused_for_the_rest) {
  const auto agent = make_chat_agent();
  const auto chat = make_chat(agent);
  const auto update = [&](std::string_view body) {
    auto change = read_update_chat(of(body));
    return change ? run(chats.update(organization, chat, std::move(*change))) : tl::unexpected(change.error());
  };
  ASSERT_TRUE(update(R"({"metadata":{"a":1},"override_dynamic_variables":{"mood":"brisk"}})"));
  ASSERT_TRUE(run(chats.complete(organization, chat, "One")));
  EXPECT_EQ(chat_model.asked.back().request.messages[0].content, "Be brisk.");
  const auto removed = update(R"({"metadata":null,"override_dynamic_variables":null})");
  ASSERT_TRUE(removed.has_value()) << removed.error().message;
  EXPECT_FALSE(removed->contains("metadata"));
  ASSERT_TRUE(run(chats.complete(organization, chat, "Two")));
  EXPECT_EQ(chat_model.asked.back().request.messages[0].content, "Be kind.");
  EXPECT_EQ(update(R"({"custom_attributes":null,"data_storage_setting":null})").error().message,
            "custom_attributes: must not be null; data_storage_setting: must not be null");
}

TEST_P(Chats, tell_their_agents_webhook_when_they_begin_go_on_and_end) {
  const auto agent = make_chat_agent(
      "{}",
      R"(,"webhook_url":"https://example.com/{{who}}","webhook_events":["chat_started","transcript_updated","chat_ended"])");
  const auto chat = make_chat(agent);
  ASSERT_TRUE(run(chats.complete(organization, chat, "Can you help?")).has_value());
  ASSERT_TRUE(run(chats.end(organization, chat)).has_value());
  ASSERT_TRUE(run(chats.end(organization, chat)).has_value()) << "which tells nothing new";
  EXPECT_EQ(run(webhooks.run_due()), 3);
  ASSERT_EQ(sent.size(), 3U);
  std::vector<std::string> events;
  for (const auto& request : sent) {
    EXPECT_EQ(request.url, "https://example.com/Ana");
    EXPECT_TRUE(request.headers.has("X-Retell-Signature"));
    const auto body = of(request.body);
    events.emplace_back(body.at("event").as_string());
    EXPECT_EQ(body.at("chat").at("chat_id").as_string(), chat);
    EXPECT_FALSE(body.at("chat").as_object().contains("server"));
  }
  EXPECT_THAT(events, ::testing::ElementsAre("chat_started", "transcript_updated", "chat_ended"));
  EXPECT_EQ(of(sent.back().body).at("chat").at("chat_status").as_string(), "ended");
  EXPECT_EQ(of(sent.back().body).at("chat").at("transcript").as_string(), "User: Can you help?\nAgent: Sure.");
}

TEST_P(Chats, tell_the_workspaces_webhook_when_their_agent_has_none) {
  ASSERT_TRUE(run(workspaces.change(organization, {.webhook_url = "https://example.com/all"})).has_value());
  const auto chat = make_chat(make_chat_agent());
  ASSERT_TRUE(run(chats.complete(organization, chat, "Hello")).has_value()) << "which is told only when asked for";
  EXPECT_EQ(run(webhooks.run_due()), 1);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent.front().url, "https://example.com/all");
}

TEST_P(Chats, end_and_tell_of_it_though_nobody_looks_at_them) {
  SilentChats silent(*database, jobs, clock, {});
  const auto agent = make_chat_agent(
      "{}",
      R"(,"end_chat_after_silence_ms":120000,"webhook_url":"https://example.com/hook","webhook_events":["chat_ended"])");
  (void)make_chat(agent);
  clock.advance(std::chrono::milliseconds(119'999));
  EXPECT_EQ(run(silent.close()).value(), 0);
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(run(silent.close()).value(), 1);
  EXPECT_EQ(run(silent.close()).value(), 0);
  EXPECT_EQ(run(webhooks.run_due()), 1);
  EXPECT_EQ(of(sent.front().body).at("chat").at("chat_status").as_string(), "ended");
}

TEST_P(Chats, are_deleted_when_their_agents_days_have_passed_ended_or_not) {
  RetentionService retention(*database, jobs, recordings, clock, {});
  const auto agent = make_chat_agent(
      "{}", R"(,"data_storage_retention_days":3,"webhook_url":"https://example.com/hook","end_chat_after_silence_ms":)"
            R"(120000)");
  const auto ended = make_chat(agent);
  const auto silent = make_chat(agent);
  const auto kept = make_chat(make_chat_agent());
  ASSERT_TRUE(run(chats.end(organization, ended)).has_value());
  clock.advance(std::chrono::hours(72) - std::chrono::milliseconds(1));
  EXPECT_EQ(run(retention.sweep()).value(), 0);
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(run(retention.sweep()).value(), 1);
  EXPECT_FALSE(run(chats.get(organization, ended)).has_value());
  EXPECT_TRUE(run(chats.get(organization, silent)).has_value());
  clock.advance(std::chrono::minutes(2));
  EXPECT_EQ(run(retention.sweep()).value(), 1) << "days after its silence would have ended it";
  EXPECT_FALSE(run(chats.get(organization, silent)).has_value());
  EXPECT_TRUE(run(chats.get(organization, kept)).has_value());
  EXPECT_TRUE(run(webhooks.list(organization, {}))->items.empty()) << "what was sent of them goes with them";
}

TEST_P(Chats, keep_of_what_was_said_only_what_their_agent_is_to_keep) {
  const auto agent =
      make_chat_agent(R"({"begin_message":"Hi {{who}}"})",
                      R"(,"data_storage_setting":"basic_attributes_only","webhook_url":"https://example.com/hook")");
  const auto chat = make_chat(agent);
  ASSERT_TRUE(run(chats.complete(organization, chat, "My number is 4711")).has_value());
  ASSERT_TRUE(run(chats.end(organization, chat)).has_value());
  const auto stored = run(chats.get(organization, chat));
  ASSERT_TRUE(stored.has_value());
  EXPECT_FALSE(stored->contains("transcript"));
  EXPECT_FALSE(stored->contains("message_with_tool_calls"));
  EXPECT_EQ(stored->at("chat_status").as_string(), "ended");
  const auto raw = run(database->query({"SELECT body FROM chats WHERE id = $1", {chat}}));
  EXPECT_EQ(raw->front().text(0).find("Ana"), std::string::npos) << raw->front().text(0);

  EXPECT_EQ(run(webhooks.run_due()), 2);
  EXPECT_NE(sent.back().body.find("4711"), std::string::npos) << "its receiver is told before it is forgotten";
  const auto log = run(webhooks.list(organization, {}));
  ASSERT_EQ(log->items.size(), 2U);
  for (const auto& delivery : log->items) {
    EXPECT_TRUE(run(webhooks.get(organization, delivery.id))->body.empty()) << delivery.event;
  }
}

class Playgrounds : public Chats {
 protected:
  core::Result<json::Object> try_it(const std::string& agent, std::string_view body,
                                    storage::VersionChoice version = {}) {
    auto request = json::read<PlaygroundRequest>(of(body));
    if (!request) return tl::unexpected(request.error());
    return run(try_agent(chat_engine, clock, organization, agent, std::move(version), std::move(*request)));
  }
};

TEST_P(Playgrounds, answer_to_the_conversation_they_are_given_and_keep_nothing) {
  const auto chat = try_it(make_chat_agent(), R"({"dynamic_variables":{"mood":"kind"},"messages":[
      {"role":"agent","content":"Hello."},{"role":"user","content":"Can you help?"},
      {"role":"tool_call_invocation","tool_call_id":"1","name":"t","arguments":"{}"},
      {"role":"tool_call_result","tool_call_id":"1","content":"ok"},
      {"role":"injected","content":"The shop closes at six."},{"role":"sms","content":"It is Ana."}]})");
  ASSERT_TRUE(chat) << chat.error().message;
  const auto& messages = chat->at("messages").as_array();
  ASSERT_EQ(messages.size(), 1U) << "only what is new";
  EXPECT_EQ(messages[0].at("role"), "agent");
  EXPECT_EQ(messages[0].at("content"), "Sure.");
  EXPECT_TRUE(messages[0].as_object().contains("message_id"));
  EXPECT_EQ(chat->at("call_ended"), false);
  EXPECT_EQ(chat->at("dynamic_variables").at("mood"), "kind");
  ASSERT_EQ(chat_model.asked.size(), 1U);
  const auto& asked = chat_model.asked[0].request.messages;
  ASSERT_EQ(asked.size(), 5U);
  EXPECT_EQ(asked[0].content, "Be kind.");
  EXPECT_EQ(asked[1].role, providers::Role::assistant);
  EXPECT_EQ(asked[2].content, "Can you help?");
  EXPECT_EQ(asked[3].role, providers::Role::system);
  EXPECT_EQ(asked[4].role, providers::Role::user);
  EXPECT_TRUE(run(chats.list(organization, {}))->page.items.empty());

  const auto call = try_it(make_agent(), R"({"messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_TRUE(call) << "agents that take calls, too: " << call.error().message;
}

TEST_P(Playgrounds, begin_as_the_agent_does_and_end_when_it_ends) {
  const auto opening = try_it(make_chat_agent(), R"({"messages":[],"dynamic_variables":{"who":"Ana"}})");
  ASSERT_TRUE(opening);
  EXPECT_EQ(opening->at("messages").at(0).at("content"), "Hi Ana");
  EXPECT_TRUE(chat_model.asked.empty());
  const auto waits = try_it(make_chat_agent(R"({"general_prompt":"Be kind."})"), R"({"messages":[]})");
  EXPECT_TRUE(waits->at("messages").as_array().empty());

  chat_model.answer = ChatReply{"Bye.", {{"call_1", "end_chat", "{}"}}};
  const auto ended = try_it(make_chat_agent(R"({"general_tools":[{"type":"end_call","name":"end_chat"}]})"),
                            R"({"messages":[{"role":"user","content":"Bye"}]})");
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->at("call_ended"), true);
  ASSERT_EQ(ended->at("messages").as_array().size(), 3U);
  EXPECT_EQ(ended->at("messages").at(1).at("role"), "tool_call_invocation");
  EXPECT_EQ(ended->at("messages").at(2).at("role"), "tool_call_result");
}

TEST_P(Playgrounds, refuse_what_they_cannot_do_and_say_why) {
  const auto agent = make_chat_agent();
  const auto refusal = [&](const std::string& whom, const std::string& body) {
    const auto refused = try_it(whom, body);
    EXPECT_FALSE(refused) << body;
    return refused ? core::Error{} : refused.error();
  };
  const std::string messages = R"("messages":[{"role":"user","content":"Hi"}])";
  const std::vector<std::pair<std::string, std::string>> odd{
      {R"({"messages":[{"role":"user"}]})", "messages[0].content"},
      {R"({"messages":[{"role":"tool_call_invocation","name":"t","arguments":"{}"}]})", "messages[0].tool_call_id"},
      {R"({"messages":[{"role":"stranger","content":"Hi"}]})", "messages[0].role"},
      {"{}", "messages"},
      {"{" + messages + R"(,"current_node_id":"n"})", "current_node_id"},
      {"{" + messages + R"(,"component_id":"c"})", "component_id"},
      {"{" + messages + R"(,"current_state":"s"})", "current_state"},
      {"{" + messages + R"(,"tool_mocks":[{"tool_name":"t","input_match_rule":{"type":"any"},"output":"1"}]})",
       "tool_mocks"},
  };
  for (const auto& [body, field] : odd) EXPECT_EQ(refusal(agent, body).field, field) << body;
  EXPECT_EQ(refusal("agent_unknown", "{" + messages + "}").message, "Agent agent_unknown not found");
  const auto tools = make_chat_agent(R"({"general_tools":[{"type":"custom","name":"t","url":"https://x.y"}]})");
  const auto not_yet = refusal(tools, "{" + messages + "}");
  EXPECT_EQ(not_yet.code, core::ErrorCode::unprocessable);
  EXPECT_NE(not_yet.message.find("not available on this server yet"), std::string::npos);
  EXPECT_TRUE(chat_model.asked.empty());
  chat_model.answer = core::fail(core::ErrorCode::unprocessable, "no language model can be used: no key");
  EXPECT_EQ(refusal(agent, "{" + messages + "}").message, "no language model can be used: no key");
}

RETELL_ON_EVERY_DATABASE(Chats);
RETELL_ON_EVERY_DATABASE(Playgrounds);

}  // namespace
}  // namespace retell::services
