#include <gtest/gtest.h>

#include "crypto/retell_signature.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;

class Inbound : public ServicesFixture {
 protected:
  Inbound() {
    agent = make_agent();
    EXPECT_TRUE(run(workspaces.set_limits(organization, {.max_concurrent_calls = 100})));
    EXPECT_TRUE(
        run(numbers.import(organization,
                           of(R"({"phone_number":"+14155550100","inbound_webhook_url":"https://example.com/in",)"
                              R"("inbound_agents":[{"agent_id":")" +
                              agent + R"(","weight":1,"agent_version":0}]})"),
                           seal)));
  }
  Incoming ring() { return run(calls.incoming("+14155550199", "+14155550100", "CA1", {{"x-customer", "42"}})); }
  std::string agent;
};

TEST_P(Inbound, asks_with_a_signed_question) {
  answer_body = "{}";
  const auto call = ring();
  ASSERT_TRUE(call.has_value()) << call.error().error.message;
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].url, "https://example.com/in");
  EXPECT_EQ(sent[0].body, R"({"event":"call_inbound","event_timestamp":)" +
                              std::to_string(core::epoch_ms(clock.wall())) + R"(,"call_inbound":{"call_id":")" +
                              call->call_id + R"(","agent_id":")" + agent +
                              R"(","agent_version":0,"from_number":"+14155550199","to_number":"+14155550100",)"
                              R"("custom_sip_headers":{"x-customer":"42"}}})");
  EXPECT_TRUE(crypto::verify_retell(sent[0].body, key, *sent[0].headers.get("X-Retell-Signature"),
                                    core::epoch_ms(clock.wall())));
  EXPECT_EQ(run(calls.get(organization, call->call_id))->agent_id, agent);
}

TEST_P(Inbound, does_what_the_answer_says) {
  const auto other = make_agent(R"(,"language":"pt-BR")");
  answer_body = R"({"call_inbound":{"override_agent_id":")" + other +
                R"(","dynamic_variables":{"mood":"kind"},"metadata":{"row":7},)"
                R"("agent_override":{"agent":{"voice_id":"voice-pt-BR"}}}})";
  const auto call = ring();
  ASSERT_TRUE(call.has_value()) << call.error().error.message;
  const auto record = run(calls.get(organization, call->call_id)).value();
  EXPECT_EQ(record.agent_id, other);
  EXPECT_EQ(json::dump(record.metadata.value()), R"({"row":7})");
  const auto& plan = launcher.expected.at(call->call_id).plan;
  EXPECT_EQ(plan.dialogue.system_prompt, "Be kind.");
  EXPECT_EQ(plan.speech.voice, "vendor-pt-BR");
}

TEST_P(Inbound, refuses_when_told_so_and_leaves_no_record) {
  answer_body = R"({"call_inbound":{"reject":true,"override_agent_id":"agent_x"}})";
  EXPECT_EQ(ring().error().error.code, ErrorCode::forbidden);
  EXPECT_TRUE(run(calls.list(organization, {}))->items.empty());
  answer_body = R"({"call_inbound":{"reject":"true"}})";  // only the boolean counts
  EXPECT_TRUE(ring().has_value());
}

TEST_P(Inbound, falls_back_to_the_numbers_agent) {
  answer = 500;
  const auto failed = ring();
  ASSERT_TRUE(failed.has_value()) << failed.error().error.message;
  EXPECT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0].body, sent[3].body);  // the same call_id each time
  answer = 200;
  for (const auto* bad : {"not json", R"({"call_inbound":{"dynamic_variables":{"n":5}}})",
                          R"({"call_inbound":{"override_agent_id":"agent_none"}})",
                          R"({"call_inbound":{"agent_override":{"agent":{"voice_id":"nobody"}}}})"}) {
    answer_body = bad;
    const auto call = ring();
    ASSERT_TRUE(call.has_value()) << bad << ": " << call.error().error.message;
    EXPECT_EQ(run(calls.get(organization, call->call_id))->agent_id, agent) << bad;
  }
}

TEST_P(Inbound, without_an_agent_of_its_own_the_answer_must_name_one) {
  ASSERT_TRUE(run(numbers.update(organization, "+14155550100", of(R"({"inbound_agents":null})"), seal)));
  answer_body = "{}";
  EXPECT_EQ(ring().error().error.code, ErrorCode::not_found);
  answer_body = R"({"call_inbound":{"override_agent_id":")" + agent + R"("}})";
  EXPECT_TRUE(ring().has_value());
}

RETELL_ON_EVERY_DATABASE(Inbound);

}  // namespace
}  // namespace retell::services
