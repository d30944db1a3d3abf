// The program as a task of Amazon ECS: it asks the agent beside it to be spared while it has calls.
#include <gtest/gtest.h>

#include "fakes/fake_ecs_agent.hpp"
#include "faults/callers.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;
using Fault = fakes::FakeEcsAgent::Fault;

class EcsTask : public ::testing::Test {
 protected:
  std::map<std::string, std::string> environment() {
    auto all = vendors.environment();
    all["ECS_AGENT_URI"] = agent.uri();
    all["RETELL_DRAIN_SECONDS"] = "0";
    return all;
  }
  std::string metrics() { return program.follow(program.url() + "/metrics").value().body; }

  CallVendors vendors;
  fakes::FakeEcsAgent agent;
  Program program{environment()};
  Callers callers{program};
};

TEST_F(EcsTask, is_protected_while_it_has_a_call) {
  EXPECT_EQ(agent.requests.size(), 0U) << "an idle task may be stopped";
  const auto call = callers.phone(9, "call");
  ASSERT_TRUE(wait_until([&] { return agent.is_protected.load(); }, 20s)) << program.log();
  EXPECT_EQ(agent.requests.all(), std::vector<std::string>{"on 30"});
  EXPECT_TRUE(wait_until([&] { return metrics().find("retell_task_protected 1") != std::string::npos; }, 5s));
  EXPECT_EQ(program.stop(), 0);
  (void)wait_child(call);
}

TEST_F(EcsTask, that_is_refused_protection_says_so_once_and_its_calls_go_on) {
  agent.fault.set(Fault::blocked);
  EXPECT_EQ(wait_child(callers.phone(2, "call")) % 3, 0) << read_file(program.folder() / "call");
  EXPECT_GE(agent.requests.size(), 1U);
  EXPECT_NE(metrics().find(R"(retell_task_protection_requests_total{outcome="refused"})"), std::string::npos);
  const auto log = program.log();
  const auto told =
      log.find("ECS does not protect this task, which has 1 calls (DEPLOYMENT_BLOCKED: Unable to protect the task.)");
  ASSERT_NE(told, std::string::npos) << log;
  EXPECT_EQ(log.find("ECS does not protect", told + 1), std::string::npos) << log;
  EXPECT_EQ(program.stop(), 0);
}

TEST_F(EcsTask, whose_agent_does_not_answer_takes_calls_all_the_same) {
  agent.fault.set(Fault::half_open);
  EXPECT_EQ(wait_child(callers.phone(1, "call")) % 3, 0) << read_file(program.folder() / "call");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(program.stop(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s);
}

}  // namespace
}  // namespace retell::test
