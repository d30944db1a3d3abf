// Webhooks that an earlier version of the program left in the job queue.
#include "services/webhook_jobs.hpp"

#include <gtest/gtest.h>

#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using storage::DeliveryState;

class OldWebhooks : public ServicesFixture {
 protected:
  static std::string payload(const std::string& call_id, const std::string& event, const std::string& more = "") {
    return json::dump(
        json::Object{{"url", "https://example.com/hook"},
                     {"timeout_ms", 2'000},
                     {"body", R"({"event":")" + event + R"(","call":{"call_type":"web_call","call_id":")" + call_id +
                                  R"(","agent_id":"agent_1")" + more + "}}"}});
  }
  void leave(const std::string& id, std::string content) {
    storage::Job job{.id = "job_" + id, .organization_id = organization, .kind = "webhook", .payload = {}};
    job.payload = std::move(content);
    job.created_at = 1'000;
    ASSERT_TRUE(run(store.add(std::move(job), 1'000)));
  }
  void bury(const std::string& id) {
    const auto leased = run(store.lease(1'000, 1s, 100, {"webhook"})).value();
    for (const auto& job : leased) {
      if (job.id == "job_" + id)
        ASSERT_TRUE(run(store.bury(job, "the receiver answered 500")).value());
      else
        ASSERT_TRUE(run(store.retry(job, 1'000, "")).value());
    }
  }
  std::vector<storage::WebhookDelivery> log(storage::DeliveryQuery query = {}) {
    return run(webhooks.list(organization, std::move(query))).value().items;
  }

  storage::JobStore store{*database};
  WebhookJobs old{*database, jobs, webhooks, clock};
};

TEST_P(OldWebhooks, are_delivered_in_order_as_they_were_made) {
  constexpr int calls = 60;  // more than are moved at once
  for (int i = 0; i < calls; ++i) {
    const auto id = std::to_string(100 + i);
    leave("0000000001000_0000000" + id + "_b", payload("call_" + id, "call_ended"));
    leave("0000000001000_0000000" + id + "_a", payload("call_" + id, "call_started"));
  }
  // One is in the hands of a runner that died.
  ASSERT_EQ(run(store.lease(1'000, 120s, 1, {"webhook"}))->front().id, "job_0000000001000_0000000100_a");
  EXPECT_EQ(run(old.move()).value(), 2 * calls);
  EXPECT_EQ(run(old.move()).value(), 0);
  EXPECT_TRUE(run(store.list(std::nullopt, {})).value().empty());
  EXPECT_EQ(run(webhooks.run_due()), 2 * calls);
  std::map<std::string, std::vector<std::string>> events;
  for (const auto& request : sent) {
    const auto body = of(request.body);
    events[std::string(body.at("call").at("call_id").as_string())].emplace_back(body.at("event").as_string());
  }
  EXPECT_EQ(events.size(), static_cast<std::size_t>(calls));
  for (const auto& [call, names] : events) {
    EXPECT_EQ(names, (std::vector<std::string>{"call_started", "call_ended"})) << call;
  }
  const auto one = log({.call_id = "call_100", .event = "call_ended"}).at(0);
  EXPECT_EQ(one.url, "https://example.com/hook");
  EXPECT_EQ(one.agent_id, "agent_1");
  EXPECT_EQ(one.timeout_ms, 2'000);
  EXPECT_EQ(one.created_at, 1'000);
}

TEST_P(OldWebhooks, that_were_given_up_are_in_the_log_and_can_be_sent_again) {
  leave("1", payload("call_1", "call_ended"));
  leave("2", payload("call_2", "call_ended", R"(,"data_storage_setting":"basic_attributes_only")"));
  bury("1");
  bury("2");
  leave("3", payload("call_3", "call_ended", R"(,"data_storage_setting":"basic_attributes_only")"));
  EXPECT_EQ(run(old.move()).value(), 3);
  EXPECT_EQ(run(webhooks.run_due()), 1);
  const auto failed = log({.state = DeliveryState::failed});
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[1].attempts, 1);
  EXPECT_TRUE(run(webhooks.resend(organization, failed[1].id)).has_value());
  // What was said in these calls is not kept.
  for (const auto* call : {"call_2", "call_3"}) {
    EXPECT_TRUE(run(webhooks.get(organization, log({.call_id = call}).at(0).id))->body.empty()) << call;
  }
}

// A server of the earlier version goes on making them until it is replaced.
TEST_P(OldWebhooks, that_come_later_are_taken_by_the_job_runner) {
  leave("1", payload("call_1", "call_started"));
  leave("2", payload("call_1", "call_ended"));
  leave("3", "not what they look like");
  EXPECT_EQ(run(jobs.run_due()), 3);
  EXPECT_EQ(log({.state = DeliveryState::pending}).size(), 2U);
  for (int i = 0; i < 4; ++i) {
    clock.advance(60s);
    (void)run(jobs.run_due());
  }
  const auto left = run(store.list(std::nullopt, {})).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].job.id, "job_3");
  EXPECT_EQ(left[0].state, "dead");
  EXPECT_FALSE(left[0].last_error.empty());
  EXPECT_EQ(run(old.move()).value(), 0);
}

RETELL_ON_EVERY_DATABASE(OldWebhooks);

}  // namespace
}  // namespace retell::services
