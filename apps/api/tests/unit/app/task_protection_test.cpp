#include "app/task_protection.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "fakes/fake_ecs_agent.hpp"
#include "support/run.hpp"
#include "support/wait.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;
using Fault = fakes::FakeEcsAgent::Fault;
using Kind = ProtectionAnswer::Kind;
using test::wait_until;

TEST(ProtectionAnswer, is_done_only_when_the_agent_says_so) {
  EXPECT_EQ(read_protection_answer(200, R"({"protection":{"ProtectionEnabled":true}})", true).kind, Kind::done);
  EXPECT_EQ(read_protection_answer(200, R"({"protection":{"ProtectionEnabled":false}})", false).kind, Kind::done);
  EXPECT_EQ(read_protection_answer(200, R"({"protection":{"ProtectionEnabled":false}})", true).kind, Kind::failed);
  for (const auto* body : {"", "[]", "{}", "null", "oops", R"({"protection":true})", R"({"protection":{}})"}) {
    EXPECT_EQ(read_protection_answer(200, body, true).kind, Kind::failed) << body;
  }
}

TEST(ProtectionAnswer, says_why_not) {
  const auto blocked = read_protection_answer(
      200, R"({"failure":{"Arn":"a","Reason":"DEPLOYMENT_BLOCKED","Detail":"Too many."}})", true);
  EXPECT_EQ(blocked.kind, Kind::refused);
  EXPECT_EQ(blocked.why, "DEPLOYMENT_BLOCKED: Too many.");
  const auto stray = read_protection_answer(200, R"({"failure":{"Reason":"TASK_NOT_VALID","Detail":null}})", true);
  EXPECT_EQ(stray.kind, Kind::hopeless);
  EXPECT_EQ(stray.why, "TASK_NOT_VALID");
  const auto denied =
      read_protection_answer(400, R"({"error":{"Code":"AccessDeniedException","Message":"not authorized"}})", true);
  EXPECT_EQ(denied.kind, Kind::hopeless);
  EXPECT_EQ(denied.why, "AccessDeniedException: not authorized");
  const auto busy = read_protection_answer(429, R"({"error":{"Code":"ThrottlingException","Message":"slow"}})", true);
  EXPECT_EQ(busy.kind, Kind::failed);
  EXPECT_EQ(read_protection_answer(503, "<html>", true).why, "the agent answered with status 503");
  EXPECT_EQ(read_protection_answer(404, "page not found", true).kind, Kind::hopeless) << "an agent without protection";
}

class Agent : public ::testing::Test {
 protected:
  ProtectionAnswer ask(const std::string& uri, ProtectionOrder order) {
    core::ServiceThread thread("client");
    net::Client client(thread.worker(), {}, {});
    EcsAgent agent(uri, client);
    auto answer = test::run(thread.run(agent.ask(order)));
    thread.stop();
    return answer;
  }
  fakes::FakeEcsAgent fake;
};

TEST_F(Agent, is_asked_as_it_wants_to_be) {
  EXPECT_EQ(ask(fake.uri(), {true, 30min}).kind, Kind::done);
  EXPECT_TRUE(fake.is_protected);
  EXPECT_EQ(ask(fake.uri(), {false, 0min}).kind, Kind::done);
  EXPECT_FALSE(fake.is_protected);
  EXPECT_EQ(fake.requests.all(), (std::vector<std::string>{"on 30", "off"}));
}

TEST_F(Agent, that_refuses_or_fails_is_understood) {
  for (const auto& [fault, kind, why] :
       {std::tuple{Fault::blocked, Kind::refused, "DEPLOYMENT_BLOCKED: Unable to protect the task."},
        {Fault::not_valid, Kind::hopeless, "TASK_NOT_VALID"},
        {Fault::access_denied, Kind::hopeless,
         "AccessDeniedException: not authorized to perform ecs:UpdateTaskProtection"},
        {Fault::server_error, Kind::failed, "the agent answered with status 500"},
        {Fault::garbage, Kind::failed, "the agent's answer is not understood"}}) {
    fake.fault.set(fault, 1);
    const auto answer = ask(fake.uri(), {true, 30min});
    EXPECT_EQ(answer.kind, kind) << why;
    EXPECT_EQ(answer.why, why);
  }
}

TEST_F(Agent, that_does_not_answer_or_is_not_there_is_a_failure_within_seconds) {
  fake.fault.set(Fault::half_open, 1);
  const auto start = std::chrono::steady_clock::now();
  const auto silent = ask(fake.uri(), {true, 30min});
  EXPECT_EQ(silent.kind, Kind::failed);
  EXPECT_FALSE(silent.why.empty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  EXPECT_EQ(ask("http://127.0.0.1:1/api/x", {true, 30min}).kind, Kind::failed);
}

// The way there is open for the operator's agent alone: what customers name never gets to its address.
TEST_F(Agent, is_out_of_reach_for_what_customers_name) {
  core::ServiceThread thread("client");
  net::Client client(thread.worker(), {}, {});
  for (const auto& url :
       {fake.uri() + "/task-protection/v1/state", std::string("http://169.254.170.2/api/x/task-protection/v1/state")}) {
    net::ClientRequest request;
    request.method = "PUT";
    request.url = url;
    const auto answer = test::run(thread.run(client.send(std::move(request))));
    ASSERT_FALSE(answer.has_value()) << url;
    EXPECT_EQ(answer.error().code, core::ErrorCode::forbidden) << answer.error().message;
  }
  thread.stop();
  EXPECT_EQ(fake.requests.size(), 0U);
}

class Protection : public Agent {
 protected:
  void begin(ScaleInGuardOptions options = {.linger = 1s, .first_pause = 1s}) {
    protection.emplace(fake.uri(), [this] { return calls.load(); }, options, metrics, core::Logger());
  }
  std::atomic<int> calls{0};
  core::Metrics metrics;
  std::optional<TaskProtection> protection;
};

TEST_F(Protection, follows_the_calls) {
  begin();
  std::this_thread::sleep_for(1'200ms);
  EXPECT_EQ(fake.requests.size(), 0U) << "an idle task asks for nothing";
  calls = 2;
  ASSERT_TRUE(wait_until([&] { return fake.is_protected.load(); }, 5s));
  ASSERT_TRUE(wait_until([&] { return metrics.sum("retell_task_protected") == 1; }, 5s));
  calls = 0;
  ASSERT_TRUE(wait_until([&] { return !fake.is_protected.load(); }, 5s));
  ASSERT_TRUE(wait_until([&] { return metrics.sum("retell_task_protected") == 0; }, 5s));
  EXPECT_EQ(fake.requests.all(), (std::vector<std::string>{"on 30", "off"}));
  EXPECT_EQ(metrics.sum("retell_task_protection_requests_total"), 2);
}

TEST_F(Protection, keeps_trying_while_a_deployment_blocks_it) {
  fake.fault.set(Fault::blocked);
  calls = 1;
  begin();
  ASSERT_TRUE(wait_until([&] { return fake.requests.size() >= 2; }, 5s));
  EXPECT_EQ(metrics.sum("retell_task_protected"), 0);
  EXPECT_GE(metrics.sum("retell_task_protection_requests_total",
                        [](const core::Labels& labels) { return labels.at("outcome") == "refused"; }),
            1);
  fake.fault.set(Fault::none);
  EXPECT_TRUE(wait_until([&] { return fake.is_protected.load(); }, 10s));
}

TEST_F(Protection, ends_at_once_while_the_agent_is_silent) {
  fake.fault.set(Fault::half_open);
  calls = 1;
  begin();
  ASSERT_TRUE(wait_until([&] { return fake.requests.size() == 1; }, 5s));
  const auto start = std::chrono::steady_clock::now();
  protection.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

}  // namespace
}  // namespace retell::app
