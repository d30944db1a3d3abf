// Whole calls in which the model calls functions of the customer.
#include "conversation.hpp"
#include "core/race.hpp"
#include "net/http_server.hpp"

namespace retell::test {
namespace {

// The customer's own endpoint: answers after `delay`.
class Endpoint {
 public:
  explicit Endpoint(Millis delay = 0ms) : workers_(1) {
    workers_.start();
    net::HttpServerOptions options;
    options.port = 0;
    server_.emplace(
        workers_, options,
        [this, delay](net::HttpRequest request, core::Worker&) -> core::Task<net::HttpResponse> {
          sent = request.body;
          ++requests;
          if (delay > 0ms) co_await core::sleep_for(delay);
          co_return net::HttpResponse{200, {}, "sunny", {}};
        },
        net::UpgradeHandler{}, core::Logger{});
    port_ = server_->start().value();
  }
  ~Endpoint() {
    server_->stop(1s);
    workers_.stop();
  }
  [[nodiscard]] engine::ToolPlan tool() const {
    engine::ToolPlan tool;
    tool.name = "weather";
    tool.url = "http://127.0.0.1:" + std::to_string(port_) + "/weather";
    return tool;
  }
  std::string sent;
  std::atomic<int> requests{0};

 private:
  core::WorkerPool workers_;
  std::optional<net::HttpServer> server_;
  std::uint16_t port_ = 0;
};

Answer weather(const providers::LlmRequest& request) {
  const auto& last = request.messages.back();
  if (last.role == providers::Role::tool) return Answer{"It is " + last.content + " outside."};
  return Answer{.calls = {{"t1", "weather", R"({"city":"Rome"})"}}};
}

TEST(FunctionsInCalls, a_function_is_called_and_its_result_told) {
  Conversation c;
  Endpoint endpoint;
  auto tool = endpoint.tool();
  tool.speak_during_execution = true;
  tool.execution_message = "Let me look.";
  c.plan.dialogue.tools = {tool};
  c.llm.answer = weather;
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(6s);
  EXPECT_NE(endpoint.sent.find(R"("args":{"city":"Rome"})"), std::string::npos) << endpoint.sent;
  EXPECT_EQ(c.lines(),
            "agent: Hello there.\nuser: How are you today?\ncall: weather\nagent: Let me look.\nresult: sunny\n"
            "agent: It is sunny outside.\n");
  EXPECT_GT(c.ended->prompt_tokens, 0);
  EXPECT_GT(c.ended->completion_tokens, 0);
}

TEST(FunctionsInCalls, a_function_that_still_runs_when_the_caller_leaves_is_written_down_when_it_ends) {
  Conversation c;
  Endpoint endpoint(1500ms);
  c.plan.dialogue.tools = {endpoint.tool()};
  c.llm.answer = weather;
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.at(3000, [](auto& k) { k.far->leave(); });
  c.run(8s);
  EXPECT_EQ(c.ended->reason, engine::EndReason::user_hangup);
  EXPECT_EQ(c.lines(), "agent: Hello there.\nuser: How are you today?\ncall: weather\nresult: sunny\n");
}

TEST(FunctionsInCalls, a_guessed_reply_runs_its_function_once_and_not_before_the_guess_was_right) {
  Conversation c;
  Endpoint endpoint;
  c.plan.dialogue.tools = {endpoint.tool()};
  c.plan.dialogue.begin_message = "";
  c.llm.answer = weather;
  c.stt.lines = {"What is the weather like in Rome", "and in Paris today?"};
  c.at(300, [](auto& k) {
    k.far->say(voice(1000));
    k.far->say(std::vector<std::int16_t>(line_rate / 4));  // and goes on, 250 ms later
    k.far->say(voice(1000));
  });
  c.run(7s);
  EXPECT_GE(c.llm.requests.size(), 3U) << "a guess, the turn, and the answer with the result";
  EXPECT_EQ(endpoint.requests, 1);
  EXPECT_EQ(c.lines(),
            "user: What is the weather like in Rome and in Paris today?\ncall: weather\nresult: sunny\n"
            "agent: It is sunny outside.\n");
}

TEST(FunctionsInCalls, calls_that_are_numbered_alike_keep_their_results) {
  Conversation c;
  Endpoint endpoint;
  c.plan.dialogue.tools = {endpoint.tool()};
  int round = 0;
  c.llm.answer = [&round](const providers::LlmRequest&) {
    // Twice a call of the same number, as some vendors give, then the answer.
    return ++round <= 2 ? Answer{.calls = {{"call_0", "weather", "{}"}}} : Answer{"Sunny, twice."};
  };
  c.at(900, [](auto& k) { k.far->say(voice(1000)); });
  c.run(7s);
  EXPECT_EQ(endpoint.requests, 2);
  EXPECT_EQ(c.lines(),
            "agent: Hello there.\nuser: How are you today?\ncall: weather\nresult: sunny\ncall: weather\n"
            "result: sunny\nagent: Sunny, twice.\n");
}

}  // namespace
}  // namespace retell::test
