// SmolLM2-135M with its real weights.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>
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

// One job, straight from the engine.
struct Ran {
  LlamaReport report;
  std::string text;
};
Ran run(LlamaEngine& engine, const LlmRequest& request, int max_tokens) {
  std::promise<LlamaReport> promise;
  auto report = promise.get_future();
  Ran ran;
  LlamaJob job;
  job.turns = chat_turns(request);
  job.max_tokens = max_tokens;
  job.temperature = 0;
  job.abandoned = [] { return false; };
  job.piece = [&](std::string_view piece) { ran.text += piece; };
  job.done = [&](core::Result<LlamaReport> result) { promise.set_value(result.value()); };
  EXPECT_TRUE(engine.submit(std::move(job), Priority::caller_waits));
  ran.report = report.get();
  return ran;
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

// What the second turn computes is what is new: the end of the reply's turn, the caller's words, and the template's
// words around them. The instructions, the first question and the reply itself are in memory.
TEST(LlamaModel, the_second_turn_computes_only_new_tokens) {
  auto request = conversation();
  const auto first = run(smollm(), request, 40);
  EXPECT_GT(first.report.prompt_tokens, 150);
  ASSERT_FALSE(first.report.cut_off);
  request.messages.push_back({Role::assistant, first.text});
  request.messages.push_back({Role::user, "And on Saturday?"});
  const auto second = run(smollm(), request, 1);
  const int added = second.report.prompt_tokens - first.report.prompt_tokens - first.report.completion_tokens;
  std::printf("  second turn: %d tokens, %d of them new, %d reused\n", second.report.prompt_tokens, added,
              second.report.reused_tokens);
  EXPECT_GE(second.report.reused_tokens, first.report.prompt_tokens + first.report.completion_tokens);
  EXPECT_LT(added, 20);
}

// A reply that was cut short by the caller: the history holds the words that were heard, and only what follows them is
// computed.
TEST(LlamaModel, a_reply_that_was_cut_keeps_its_beginning_in_memory) {
  auto request = conversation();
  const auto first = run(smollm(), request, 40);
  const auto heard = first.text.substr(0, first.text.find(' ', first.text.size() / 2));
  request.messages.push_back({Role::assistant, heard});
  request.messages.push_back({Role::user, "Wait, and on Saturday?"});
  const auto second = run(smollm(), request, 1);
  EXPECT_GT(second.report.reused_tokens, first.report.prompt_tokens + 2);
}

TEST(LlamaModel, shares_the_instructions_between_calls_of_an_agent) {
  auto request = conversation();
  (void)run(smollm(), request, 1);
  request.messages.back().content = "Can I bring my dog?";
  const auto other_call = run(smollm(), request, 1).report;
  EXPECT_GT(other_call.reused_tokens, other_call.prompt_tokens * 3 / 4);
}

// Nobody waits for the rest of a token, let alone of a prompt of thousands; and what is left in memory is sound.
TEST(LlamaModel, an_abandoned_prompt_ends_within_a_token) {
  auto request = conversation();
  const auto before = run(smollm(), request, 30);
  auto long_request = request;
  for (int i = 0; i < 60; ++i) {
    long_request.messages[0].content += " Patients who come for the first time bring their card and their old X-rays.";
  }
  testing::internal::CaptureStderr();
  for (const int after_ms : {30, 150, 400}) {
    std::atomic<bool> unwanted{false};
    std::promise<bool> cancelled;
    LlamaJob job;
    job.turns = chat_turns(long_request);
    job.abandoned = [&] { return unwanted.load(); };
    job.piece = [](std::string_view) {};
    job.done = [&](const core::Result<LlamaReport>& result) {
      cancelled.set_value(!result && result.error().code == core::ErrorCode::cancelled);
    };
    ASSERT_TRUE(smollm().submit(std::move(job), Priority::caller_waits));
    std::this_thread::sleep_for(std::chrono::milliseconds(after_ms));
    const auto asked = SteadyClock::now();
    unwanted = true;
    EXPECT_TRUE(cancelled.get_future().get());
    const auto took = test::milliseconds_since(asked);
    std::printf("  abandoned after %d ms, free %.1f ms later\n", after_ms, took);
    EXPECT_LT(took, 60);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "an everyday thing is no warning";
  const auto after = run(smollm(), request, 30);
  EXPECT_EQ(after.text, before.text);
  EXPECT_GT(after.report.reused_tokens, 100);
}

TEST(LlamaModel, refuses_what_it_cannot_get_to) {
  LlamaEngine engine({test::model_file("smollm2-135m-instruct"), 1, 1, 512, 2, {}});
  std::promise<void> first_runs;
  std::promise<void> go_on;
  std::atomic<int> done{0};
  const auto job = [&](std::function<bool()> abandoned) {
    LlamaJob one;
    one.turns = {{"user", "hello"}};
    one.max_tokens = 1;
    one.abandoned = std::move(abandoned);
    one.piece = [](std::string_view) {};
    one.done = [&](const core::Result<LlamaReport>&) { ++done; };
    return one;
  };
  ASSERT_TRUE(engine.submit(job([&, told = false]() mutable {
                              if (!std::exchange(told, true)) {
                                first_runs.set_value();
                                go_on.get_future().wait();
                              }
                              return true;
                            }),
                            Priority::caller_waits));
  first_runs.get_future().wait();
  EXPECT_TRUE(engine.submit(job([] { return false; }), Priority::caller_waits));
  EXPECT_TRUE(engine.submit(job([] { return false; }), Priority::in_passing));
  EXPECT_FALSE(engine.submit(job([] { return false; }), Priority::caller_waits));
  go_on.set_value();
  while (done < 3) std::this_thread::sleep_for(std::chrono::milliseconds(5));
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
