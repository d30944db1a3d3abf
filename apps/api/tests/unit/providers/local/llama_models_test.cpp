// SmolLM2-135M with its real weights.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <variant>

#include "providers/local/llama_engine.hpp"
#include "providers/local/llama_llm.hpp"
#include "real_models.hpp"

namespace retell::providers::local {
namespace {

using SteadyClock = std::chrono::steady_clock;

LlamaEngine& smollm() {
  static LlamaEngine engine({test::model_file("smollm2-135m-instruct"), 1, 1, 2048, 32, {}});
  return engine;
}

LlmRequest conversation() {
  LlmRequest request;
  std::string prompt = "You are the receptionist of a dental practice. Answer in one short sentence.";
  for (int i = 0; i < 12; ++i) prompt += " The practice is open from nine to five on weekdays and closed on weekends.";
  request.messages = {{Role::system, prompt}, {Role::user, "Hello, when are you open?"}};
  request.temperature = 0.0;
  request.max_tokens = 40;
  return request;
}

struct Answer {
  std::string text;
  LlmDone done;
  double first_ms = 0;
  double total_ms = 0;
};

Answer ask(LlamaEngine& engine, const LlmRequest& request) {
  boost::asio::io_context context;
  LlmOptions options;
  options.executor = context.get_executor();
  LlamaLlm llm(engine, options);
  Answer answer;
  bool ended = false;
  const auto start = SteadyClock::now();
  const auto stream = llm.stream(request, [&](LlmEvent event) {
    if (auto* text = std::get_if<LlmText>(&event)) {
      if (answer.text.empty()) answer.first_ms = test::milliseconds_since(start);
      answer.text += text->delta;
    }
    if (auto* done = std::get_if<LlmDone>(&event)) {
      answer.done = *done;
      ended = true;
    }
    if (auto* error = std::get_if<LlmError>(&event)) {
      ADD_FAILURE() << error->error.message;
      ended = true;
    }
  });
  EXPECT_TRUE(test::run_until(context, [&] { return ended; }));
  answer.total_ms = test::milliseconds_since(start);
  return answer;
}

// The report of one job, straight from the engine.
LlamaReport report_of(LlamaEngine& engine, const LlmRequest& request) {
  std::promise<LlamaReport> promise;
  auto report = promise.get_future();
  LlamaJob job;
  job.turns = chat_turns(request);
  job.max_tokens = 1;
  job.abandoned = [] { return false; };
  job.piece = [](std::string_view) {};
  job.done = [&](core::Result<LlamaReport> result) { promise.set_value(result.value()); };
  EXPECT_TRUE(engine.submit(std::move(job), Priority::caller_waits));
  return report.get();
}

TEST(LlamaModel, answers_in_words_and_streams_them) {
  ASSERT_TRUE(smollm().warm_up().has_value());
  const auto answer = ask(smollm(), conversation());
  EXPECT_FALSE(answer.text.empty());
  EXPECT_GT(answer.done.prompt_tokens, 100);
  EXPECT_GT(answer.done.completion_tokens, 3);
  const double per_second = 1000.0 * (answer.done.completion_tokens - 1) / (answer.total_ms - answer.first_ms);
  std::printf("  \"%s\"\n  prompt %d tokens, first after %.0f ms, then %.0f tokens/s\n", answer.text.c_str(),
              answer.done.prompt_tokens, answer.first_ms, per_second);
}

TEST(LlamaModel, does_not_read_again_what_the_last_turn_had) {
  auto request = conversation();
  const auto first = ask(smollm(), request);
  request.messages.push_back({Role::assistant, first.text});
  request.messages.push_back({Role::user, "And on Saturday?"});
  const auto second = ask(smollm(), request);
  std::printf("  second turn: prompt %d tokens, first after %.0f ms: \"%s\"\n", second.done.prompt_tokens,
              second.first_ms, second.text.c_str());
  EXPECT_GE(report_of(smollm(), request).reused_tokens, second.done.prompt_tokens - 2);
}

TEST(LlamaModel, shares_the_instructions_between_calls_of_an_agent) {
  auto request = conversation();
  (void)report_of(smollm(), request);
  request.messages.back().content = "Can I bring my dog?";
  const auto other_call = report_of(smollm(), request);
  EXPECT_GT(other_call.reused_tokens, other_call.prompt_tokens * 3 / 4);
}

TEST(LlamaModel, is_silent_once_the_stream_is_gone) {
  boost::asio::io_context context;
  LlmOptions options;
  options.executor = context.get_executor();
  LlamaLlm llm(smollm(), options);
  int events = 0;
  auto request = conversation();
  request.max_tokens = 400;
  request.messages.back().content = "Tell me a very long story.";
  auto stream = llm.stream(request, [&](const LlmEvent&) { ++events; });
  ASSERT_TRUE(test::run_until(context, [&] { return events >= 3; }));
  stream.reset();
  const int before = events;
  const auto start = SteadyClock::now();
  // The engine is free for the next caller at once, and nothing more arrives.
  EXPECT_FALSE(ask(smollm(), conversation()).text.empty());
  EXPECT_LT(test::milliseconds_since(start), 5'000);
  context.restart();
  context.poll();
  EXPECT_EQ(events, before);
}

TEST(LlamaModel, forgets_old_turns_when_the_call_grows_too_long) {
  auto request = conversation();
  request.max_tokens = 8;
  for (int i = 0; i < 200; ++i) {
    request.messages.push_back({i % 2 == 0 ? Role::assistant : Role::user, "This is turn number " + std::to_string(i)});
  }
  const auto answer = ask(smollm(), request);
  EXPECT_LE(answer.done.prompt_tokens + 8, 2048);
  EXPECT_GT(answer.done.prompt_tokens, 1500);
}

TEST(LlamaModel, says_which_file_cannot_be_loaded) {
  LlamaEngine engine({"/no/such/model.gguf", 1, 1, 512, 4, {}});
  const auto warm = engine.warm_up();
  ASSERT_FALSE(warm.has_value());
  EXPECT_NE(warm.error().message.find("/no/such/model.gguf"), std::string::npos);
}

}  // namespace
}  // namespace retell::providers::local
