#include "providers/remote/openai_chat.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_openai.hpp"
#include "json/text.hpp"
#include "providers/remote/openai_chat_wire.hpp"
#include "rig.hpp"

namespace retell::providers::remote {

namespace {

using fakes::FakeChatReply;
using fakes::FakeOpenAi;
using Fault = FakeOpenAi::Fault;
using namespace std::chrono_literals;  // NOLINT
using test::Events;
using test::only;

class OpenAiChat : public ::testing::Test {
 protected:
  OpenAiChatOptions options() {
    OpenAiChatOptions options;
    options.base_url = server.base_url();
    options.api_key = "sk-secret-123";
    options.model = "default-model";
    options.first_token_timeout = options.idle_timeout = test::no_matter;
    return options;
  }
  OpenAiChatOptions hasty() {
    auto hurried = options();
    hurried.first_token_timeout = 400ms;
    return hurried;
  }

  void ask(OpenAiChatOptions vendor, LlmRequest request = {}) {
    if (request.messages.empty()) request.messages = {{Role::system, "Be brief."}, {Role::user, "Hi"}};
    rig.on_worker([&] {
      llm = *openai_chat(std::move(vendor))(rig.place(), {rig.worker().executor(), {}, {}});
      stream = llm->stream(std::move(request), [this](LlmEvent event) { events.add(std::move(event)); });
    });
  }
  core::Error failure() {
    const auto all = events.until_first<LlmError>();
    return only<LlmError>(all).at(0).error;
  }
  std::string text() {
    std::string said;
    for (const auto& part : only<LlmText>(events.now())) said += part.delta;
    return said;
  }
  void TearDown() override {
    rig.on_worker([this] {
      stream.reset();
      llm.reset();
    });
  }

  FakeChatReply reply;
  FakeOpenAi server{{.reply = [this](const json::Object&) { return reply; }}};
  test::Rig rig;
  Events<LlmEvent> events;
  std::unique_ptr<Llm> llm;
  std::unique_ptr<LlmStream> stream;
};

TEST_F(OpenAiChat, streams_the_text_and_then_its_cost) {
  reply.deltas = {"Olá", ", tudo", " bem?"};
  ask(options());
  const auto all = events.until_first<LlmDone>();
  EXPECT_EQ(text(), "Olá, tudo bem?");
  const auto done = only<LlmDone>(all).at(0);
  EXPECT_EQ(done.finish_reason, "stop");
  EXPECT_EQ(done.prompt_tokens, 11);
  EXPECT_EQ(done.completion_tokens, 3);
  EXPECT_EQ(server.authorizations.all().at(0), "Bearer sk-secret-123");
}

TEST_F(OpenAiChat, sends_history_tools_and_limits_in_the_published_form) {
  LlmRequest request;
  request.messages = {{Role::system, "S"},
                      {Role::user, "U"},
                      {Role::assistant, "", {{"call_9", "book", R"({"day":"mon"})"}}, {}},
                      {Role::tool, "done", {}, "call_9"}};
  request.tools = {{"book", "Books a day", json::parse(R"({"type":"object","properties":{}})").value()}};
  request.temperature = 0.5;
  request.max_tokens = 77;
  auto vendor = options();
  vendor.extra = {{"reasoning_effort", "low"}};
  ask(vendor, request);
  events.until_first<LlmDone>();
  EXPECT_EQ(json::dump(server.bodies.all().at(0)),
            R"({"model":"default-model","stream":true,"stream_options":{"include_usage":true},"messages":[)"
            R"({"role":"system","content":"S"},{"role":"user","content":"U"},)"
            R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_9","type":"function",)"
            R"("function":{"name":"book","arguments":"{\"day\":\"mon\"}"}}]},)"
            R"({"role":"tool","tool_call_id":"call_9","content":"done"}],"tools":[{"type":"function","function":)"
            R"({"name":"book","description":"Books a day","parameters":{"type":"object","properties":{}}}}],)"
            R"("temperature":0.5,"max_tokens":77,"reasoning_effort":"low"})");
}

TEST_F(OpenAiChat, limits_the_answer_by_the_name_the_server_knows) {
  auto vendor = options();
  vendor.limit_field = OpenAiChatOptions::LimitField::max_completion_tokens;
  ask(vendor);
  events.until_first<LlmDone>();
  const auto body = server.bodies.all().at(0);
  EXPECT_TRUE(body.contains("max_completion_tokens"));
  EXPECT_FALSE(body.contains("max_tokens"));
}

TEST_F(OpenAiChat, gathers_tool_calls_whose_arguments_come_in_pieces) {
  reply.deltas = {};
  reply.calls = {{"call_1", "book", R"({"day":"monday","hour":9})"}, {"call_2", "end_call", "{}"}};
  ask(options());
  const auto calls = only<LlmToolCall>(events.until_first<LlmDone>());
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].call.id, "call_1");
  EXPECT_EQ(calls[0].call.arguments, R"({"day":"monday","hour":9})");
  EXPECT_EQ(calls[1].call.name, "end_call");
}

TEST_F(OpenAiChat, tries_again_after_a_429_when_the_server_says) {
  server.fault.set(Fault::rate_limited, 2);
  ask(options());
  events.until_first<LlmDone>();
  EXPECT_EQ(text(), "Hello there.");
  EXPECT_EQ(server.requests, 3);
}

TEST_F(OpenAiChat, does_not_wait_for_a_retry_beyond_its_budget) {
  FakeOpenAi patient({.retry_after = 5'000ms});
  patient.fault.set(Fault::rate_limited);
  auto vendor = hasty();
  vendor.base_url = patient.base_url();
  const auto began = std::chrono::steady_clock::now();
  ask(vendor);
  EXPECT_EQ(failure().code, core::ErrorCode::rate_limited);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
  EXPECT_EQ(patient.requests, 1);
}

TEST_F(OpenAiChat, gives_up_after_three_server_errors) {
  server.fault.set(Fault::server_error);
  ask(options());
  const auto error = failure();
  EXPECT_EQ(error.code, core::ErrorCode::unavailable);
  EXPECT_EQ(error.message, "openai answered 500: something broke");
  EXPECT_EQ(server.requests, 3);
}

TEST_F(OpenAiChat, a_refused_key_is_told_at_once_and_never_repeated) {
  server.fault.set(Fault::unauthorized);
  ask(options());
  const auto error = failure();
  EXPECT_EQ(error.code, core::ErrorCode::unauthorized);
  EXPECT_EQ(error.message.find("sk-secret"), std::string::npos);
  EXPECT_EQ(server.requests, 1);
}

TEST_F(OpenAiChat, a_server_that_never_answers_times_out_once) {
  server.fault.set(Fault::half_open);
  ask(hasty());
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
  EXPECT_EQ(server.requests, 1);
}

TEST_F(OpenAiChat, a_head_without_a_token_times_out_too) {
  server.fault.set(Fault::silence_after_head);
  ask(hasty());
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
}

TEST_F(OpenAiChat, a_slow_first_token_within_the_budget_is_awaited) {
  reply.first_token_delay = 150ms;
  ask(options());
  events.until_first<LlmDone>();
  EXPECT_EQ(text(), "Hello there.");
}

TEST_F(OpenAiChat, a_stream_that_stalls_is_an_error_and_is_not_repeated) {
  server.fault.set(Fault::mid_stream_stall);
  auto vendor = options();
  vendor.idle_timeout = 200ms;
  ask(vendor);
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
  EXPECT_EQ(text(), "Hello");
  EXPECT_EQ(server.requests, 1);
}

TEST_F(OpenAiChat, a_stream_that_breaks_off_is_an_error_and_is_not_repeated) {
  server.fault.set(Fault::mid_stream_close);
  ask(options());
  failure();
  EXPECT_EQ(text(), "Hello");
  EXPECT_EQ(server.requests, 1);
}

TEST_F(OpenAiChat, garbage_is_a_protocol_error) {
  server.fault.set(Fault::garbage);
  ask(options());
  EXPECT_EQ(failure().code, core::ErrorCode::protocol);
  EXPECT_EQ(text(), "Hello");
}

TEST_F(OpenAiChat, an_error_inside_the_stream_is_told_in_the_vendors_words) {
  server.fault.set(Fault::error_in_stream);
  ask(options());
  EXPECT_EQ(failure().message, "openai broke off: the model crashed");
}

TEST_F(OpenAiChat, nothing_listens_at_the_address) {
  auto vendor = hasty();
  vendor.base_url = "http://127.0.0.1:1/v1";
  ask(vendor);
  failure();
  EXPECT_TRUE(only<LlmText>(events.now()).empty());
}

TEST_F(OpenAiChat, a_destroyed_stream_says_no_more_and_drops_its_connection) {
  reply.deltas = std::vector<std::string>(1'000, "word ");
  reply.token_interval = 5ms;
  ask(options());
  events.until_first<LlmText>();
  std::size_t told = 0;
  rig.on_worker([&] {
    stream.reset();
    told = events.now().size();
  });
  EXPECT_TRUE(test::eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(events.now().size(), told);
}

TEST_F(OpenAiChat, a_stream_may_be_destroyed_by_its_own_handler) {
  std::atomic<int> told = 0;
  reply.token_interval = 20ms;
  rig.on_worker([&] {
    llm = *openai_chat(options())(rig.place(), {rig.worker().executor(), {}, {}});
    stream = llm->stream({.messages = {{Role::user, "Hi"}}}, [&](LlmEvent) {
      ++told;
      stream.reset();
    });
  });
  EXPECT_TRUE(test::eventually([&] { return told == 1 && server.connections() == 0; }));
  EXPECT_EQ(told, 1);
}

TEST_F(OpenAiChat, prewarming_leaves_a_connection_that_the_first_request_uses) {
  rig.on_worker([&] {
    llm = *openai_chat(options())(rig.place(), {rig.worker().executor(), {}, {}});
    llm->prewarm({});
  });
  ASSERT_TRUE(test::eventually([&] { return server.connections() == 1 && rig.background_tasks() == 0; }));
  rig.on_worker([&] {
    stream = llm->stream({.messages = {{Role::user, "Hi"}}}, [this](LlmEvent event) { events.add(std::move(event)); });
  });
  events.until_first<LlmDone>();
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(OpenAiChat, a_prewarming_under_way_is_given_up_with_its_owner) {
  test::MutePeer mute;  // TLS begins, and never ends
  auto vendor = options();
  vendor.base_url = mute.url("https");
  rig.on_worker([&] {
    llm = *openai_chat(vendor)(rig.place(), {rig.worker().executor(), {}, {}});
    llm->prewarm({});
  });
  ASSERT_TRUE(mute.connected());
  const auto began = std::chrono::steady_clock::now();
  rig.on_worker([&] { llm.reset(); });
  EXPECT_TRUE(mute.left());
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s) << "connecting itself is given up after 5 s";
}

TEST(ChatChunks, whole_calls_without_an_index_stay_apart) {
  ChatChunks chunks("ollama");
  std::vector<LlmEvent> out;
  EXPECT_TRUE(chunks.push(R"({"choices":[{"delta":{"tool_calls":[)"
                          R"({"id":"a","function":{"name":"one","arguments":"{}"}},)"
                          R"({"id":"b","function":{"name":"two","arguments":{"x":1}}}]}}]})",
                          out));
  EXPECT_TRUE(chunks.push(R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}]})", out));
  const auto calls = only<LlmToolCall>(out);
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].call.name, "one");
  EXPECT_EQ(calls[1].call.arguments, R"({"x":1})");
}

TEST(ChatChunks, whole_calls_that_share_an_index_stay_apart) {
  ChatChunks chunks("gemini");
  std::vector<LlmEvent> out;
  const auto call = [](const std::string& id) {
    return R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":")" + id +
           R"(","function":{"name":"f","arguments":"{}"}}]}}]})";
  };
  EXPECT_TRUE(chunks.push(call("a"), out));
  EXPECT_TRUE(chunks.push(call("b"), out));
  EXPECT_TRUE(chunks.push("[DONE]", out));
  EXPECT_EQ(only<LlmToolCall>(out).size(), 2U);
}

TEST(ChatChunks, endless_arguments_are_refused) {
  ChatChunks chunks("x");
  std::vector<LlmEvent> out;
  const std::string piece =
      R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":")" +
      std::string(100'000, 'a') + R"("}}]}}]})";
  EXPECT_TRUE(chunks.push(piece, out));
  EXPECT_TRUE(chunks.push(piece, out));
  EXPECT_FALSE(chunks.push(piece, out));
  EXPECT_EQ(only<LlmError>(out).size(), 1U);
}

TEST(ChatChunks, an_end_without_a_reason_is_an_error_and_with_one_is_done) {
  ChatChunks broken("x");
  std::vector<LlmEvent> out;
  EXPECT_TRUE(broken.push(R"({"choices":[{"delta":{"content":"a"}}]})", out));
  broken.end(out);
  EXPECT_EQ(only<LlmError>(out).size(), 1U);
  ChatChunks whole("x");
  out.clear();
  EXPECT_TRUE(whole.push(R"({"choices":[{"delta":{"content":"a"},"finish_reason":"length"}]})", out));
  whole.end(out);
  ASSERT_EQ(only<LlmDone>(out).size(), 1U);
  EXPECT_EQ(only<LlmDone>(out)[0].finish_reason, "length");
}

}  // namespace

}  // namespace retell::providers::remote
