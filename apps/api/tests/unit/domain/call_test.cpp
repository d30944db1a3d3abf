#include "domain/call.hpp"

#include <gtest/gtest.h>

#include "domain/list_filter.hpp"
#include "json/text.hpp"

namespace retell::domain {
namespace {

json::Value of(std::string_view text) { return json::parse(text).value(); }

TEST(Call, prints_the_shape_of_its_type_and_reads_it_back) {
  Call call;
  call.access_token = "token";
  call.call_id = "call_1";
  call.agent_id = "agent_1";
  call.call_status = CallStatus::ended;
  call.transcript_object = std::vector<Utterance>{{UtteranceRole::agent, "Hi", {{"Hi", 0.5, 0.75}}}};
  call.disconnection_reason = DisconnectionReason::user_hangup;
  const auto text = json::dump(json::write(call));
  EXPECT_EQ(text, R"({"call_type":"web_call","access_token":"token","call_id":"call_1","agent_id":"agent_1",)"
                  R"("agent_version":0,"call_status":"ended","transcript_object":[{"role":"agent","content":"Hi",)"
                  R"("words":[{"word":"Hi","start":0.5,"end":0.75}]}],"disconnection_reason":"user_hangup"})");
  EXPECT_EQ(json::dump(json::write(json::read<Call>(of(text)).value())), text);
}

TEST(Call, status_follows_the_reason_of_its_end) {
  EXPECT_EQ(status_after(DisconnectionReason::user_hangup, true), CallStatus::ended);
  EXPECT_EQ(status_after(DisconnectionReason::dial_busy, false), CallStatus::not_connected);
  EXPECT_EQ(status_after(DisconnectionReason::error_asr, true), CallStatus::error);
}

TEST(Call, latency_percentiles_interpolate) {
  const auto stats = latency_stats({400, 100, 200, 300}).value();
  EXPECT_EQ(stats.p50, 250);
  EXPECT_EQ(stats.p90, 370);
  EXPECT_EQ(stats.min, 100);
  EXPECT_EQ(stats.max, 400);
  EXPECT_EQ(stats.num, 4);
  EXPECT_EQ(stats.values.front(), 400);
  EXPECT_FALSE(latency_stats({}).has_value());
}

TEST(Call, transcript_names_the_speakers) {
  EXPECT_EQ(transcript_text({{UtteranceRole::agent, "Hi", {}}, {UtteranceRole::user, "Bye", {}}}),
            "Agent: Hi\nUser: Bye\n");
}

class Filter : public ::testing::Test {
 protected:
  static bool matches(std::string_view criteria) {
    const auto filter = ListFilter::parse(of(criteria));
    EXPECT_TRUE(filter.has_value()) << criteria << " " << filter.error().message;
    return filter.has_value() && filter->matches(call().get_object());
  }
  static json::Value call() {
    return of(
        R"({"call_id":"call_1","agent_id":"a1","agent_version":2,"call_status":"ended","duration_ms":5000,)"
        R"("metadata":{"plan":"gold","age":7},"call_analysis":{"call_successful":true},"latency":{"e2e":{"p50":700}}})");
  }
};

TEST_F(Filter, joins_groups_by_and) {
  EXPECT_TRUE(matches("{}"));
  EXPECT_TRUE(matches(R"({"call_status":{"type":"enum","op":"in","value":["ended","error"]},
                          "duration_ms":{"type":"number","op":"ge","value":5000}})"));
  EXPECT_FALSE(matches(R"({"call_status":{"type":"enum","op":"in","value":["ended"]},
                           "duration_ms":{"type":"number","op":"gt","value":5000}})"));
}

TEST_F(Filter, understands_every_operator) {
  EXPECT_TRUE(matches(R"({"duration_ms":{"type":"range","op":"bt","value":[4999,5000]}})"));
  EXPECT_TRUE(matches(R"({"call_successful":{"type":"boolean","op":"eq","value":true}})"));
  EXPECT_TRUE(matches(R"({"e2e_latency_p50":{"type":"number","op":"lt","value":701}})"));
  EXPECT_TRUE(matches(R"({"call_id":{"type":"string","op":"sw","value":"call_"}})"));
  EXPECT_FALSE(matches(R"({"call_id":{"type":"string","op":"ew","value":"call_"}})"));
  EXPECT_TRUE(matches(R"({"metadata":[{"type":"string","op":"eq","value":"gold","key":"plan"},
                                      {"type":"present","op":"np","key":"other"}]})"));
  EXPECT_FALSE(matches(R"({"metadata":[{"type":"string","op":"eq","value":"7","key":"age"}]})"));
  EXPECT_TRUE(matches(R"({"from_number":{"type":"string","op":"ne","value":"+1"}})"));
}

TEST_F(Filter, joins_agents_by_or) {
  EXPECT_TRUE(matches(R"({"agent":[{"agent_id":"zz"},{"agent_id":"a1","version":[1,2]}]})"));
  EXPECT_FALSE(matches(R"({"agent":[{"agent_id":"a1","version":[3]}]})"));
}

TEST_F(Filter, refuses_what_does_not_fit) {
  EXPECT_EQ(ListFilter::parse(of(R"({"colour":{}})")).error().field, "filter_criteria.colour");
  EXPECT_FALSE(ListFilter::parse(of(R"({"call_id":{"type":"string","op":"gt","value":"a"}})")).has_value());
  EXPECT_FALSE(ListFilter::parse(of(R"({"call_id":"call_1"})")).has_value());
  EXPECT_FALSE(ListFilter::parse(of(R"({"metadata":[{"type":"string","op":"eq","value":"x"}]})")).has_value());
}

TEST_F(Filter, takes_the_flat_criteria_of_older_clients) {
  const auto filter = ListFilter::parse_flat(
      of(R"({"agent_id":["a1"],"call_status":["ended"],"duration_ms":{"lower_threshold":1,"upper_threshold":9000},
             "metadata":{"plan":"gold"}})"));
  ASSERT_TRUE(filter.has_value());
  EXPECT_TRUE(filter->matches(call().get_object()));
  EXPECT_FALSE(ListFilter::parse_flat(of(R"({"duration_ms":{"upper_threshold":10}})"))->matches(call().get_object()));
}

TEST_F(Filter, takes_the_versions_of_agents_from_older_clients) {
  const auto matches = [](std::string_view criteria) {
    return ListFilter::parse_flat(of(criteria)).value().matches(call().get_object());
  };
  EXPECT_TRUE(matches(R"({"version":[0,2]})"));
  EXPECT_FALSE(matches(R"({"version":[0]})"));
  EXPECT_TRUE(matches(R"({"version":[]})"));
  EXPECT_FALSE(matches(R"({"agent_id":["a1"],"version":[1]})"));
}

TEST_F(Filter, refuses_flat_criteria_that_everything_would_match) {
  const auto fault = [](std::string_view criteria) {
    const auto filter = ListFilter::parse_flat(of(criteria));
    return filter ? std::string("none") : filter.error().message;
  };
  EXPECT_EQ(fault(R"({"agent_id":"x"})"), "filter_criteria.agent_id: expected an array of at most 1000 agent ids");
  EXPECT_EQ(fault(R"({"agent_id":[1]})"),
            "filter_criteria.agent_id: expected an array of agent ids, which are strings");
  EXPECT_EQ(fault(R"({"start_timestamp":{"lower_threshold":"x"}})"),
            "filter_criteria.start_timestamp.lower_threshold: expected a number");
  EXPECT_EQ(fault(R"({"start_timestamp":{"from":1}})"),
            "filter_criteria.start_timestamp.from: is not known; expected lower_threshold and upper_threshold");
  EXPECT_EQ(fault(R"({"version":0})"),
            "filter_criteria.version: expected an array of versions, which are whole numbers");
  EXPECT_EQ(fault(R"({"metadata":"gold"})"), "filter_criteria.metadata: expected an object");
}

TEST_F(Filter, names_the_place_in_every_message) {
  const auto fault = [](std::string_view criteria) {
    const auto filter = ListFilter::parse(of(criteria));
    return filter ? std::string("none") : filter.error().message;
  };
  EXPECT_EQ(fault("[]"), "filter_criteria: expected an object");
  EXPECT_EQ(fault(R"({"colour":{}})"), "filter_criteria.colour: is not a known filter");
  EXPECT_EQ(fault(R"({"call_id":"call_1"})"), "filter_criteria.call_id: expected an object with type, op and value");
  EXPECT_EQ(fault(R"({"metadata":{}})"), "filter_criteria.metadata: expected an array of at most 100 filters");
  EXPECT_EQ(fault(R"({"agent":{}})"), "filter_criteria.agent: expected an array of at most 1000");
  EXPECT_EQ(fault(R"({"agent":[{"agent_id":"a1","version":["1"]}]})"),
            "filter_criteria.agent.version: expected an array of versions, which are whole numbers");
  EXPECT_EQ(fault(R"({"tool_calls":[{"colour":1}]})"), "filter_criteria.tool_calls.colour: is not a known filter");
}

}  // namespace
}  // namespace retell::domain
