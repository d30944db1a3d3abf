// What a phone number's settings may say, and what they then do to calls.
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;

class NumberRules : public ServicesFixture {
 protected:
  static constexpr auto number = "+14155550100";

  NumberRules() : agent(make_agent()) { EXPECT_EQ(import("{}"), ""); }
  // What is wrong with it; empty: nothing.
  std::string import(const std::string& settings, const std::string& phone_number = number) {
    auto body = of(settings);
    body.as_object()["phone_number"] = phone_number;
    const auto done = run(numbers.import(organization, body, seal));
    return done ? "" : done.error().message;
  }
  core::Error update(const std::string& settings, const std::string& phone_number = number) {
    const auto done = run(numbers.update(organization, phone_number, of(settings), seal));
    return done ? core::Error{} : done.error();
  }
  std::string bound(const std::string& direction) const {
    return R"(")" + direction + R"(_agents":[{"agent_id":")" + agent + R"(","weight":1}])";
  }
  core::Result<domain::Call> dial(const std::string& to) {
    PhoneCallRequest request;
    request.from_number = number;
    request.to_number = to;
    request.override_agent_id = agent;
    request.ignore_e164_validation = true;
    return run(calls.create_phone_call(organization, request));
  }
  Incoming ring(const std::string& from) { return run(calls.incoming(from, number, "CA1")); }
  std::size_t records() { return run(calls.list(organization, {}))->items.size(); }

  std::string agent;
};

TEST_P(NumberRules, name_countries_that_there_are) {
  for (const auto* list : {"allowed_inbound_country_list", "allowed_outbound_country_list"}) {
    const std::string name = list;
    for (const auto* bad : {"us", "ZZ", "UK", "", "USA"}) {
      const auto refused = update("{\"" + name + R"(":["US",")" + bad + "\"]}");
      EXPECT_EQ(refused.field, name + "[1]") << bad;
      EXPECT_EQ(refused.message,
                name + "[1]: expected a country's two capital letters of ISO 3166-1, such as US or BR");
    }
    EXPECT_EQ(import("{\"" + name + R"(":["XX"]})", "+14155550111").substr(0, name.size() + 3), name + "[0]");
    for (const auto* good : {R"(["US","AQ","XK"])", "[]", "null"}) {
      EXPECT_EQ(update("{\"" + name + "\":" + good + "}").message, "") << good;
    }
  }
}

TEST_P(NumberRules, let_only_the_countries_of_the_list_be_called) {
  ASSERT_EQ(update(R"({"allowed_outbound_country_list":["US","BR"]})").message, "");
  const auto refused = dial("+14165550100");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unprocessable);
  EXPECT_EQ(refused.error().field, "to_number");
  EXPECT_EQ(refused.error().message,
            "to_number: +14165550100 is a number of CA, and the allowed_outbound_country_list of +14155550100 is US, "
            "BR");
  EXPECT_EQ(dial("+881612345678").error().message,
            "to_number: the country of +881612345678 is not known, and the allowed_outbound_country_list of "
            "+14155550100 is US, BR");
  EXPECT_EQ(dial("sip:ann@example.com").error().field, "to_number");
  EXPECT_EQ(records(), 0U) << "nothing is written";
  EXPECT_TRUE(launcher.dialled.empty());
  EXPECT_TRUE(dial("+5511912345678"));
  ASSERT_EQ(update(R"({"allowed_outbound_country_list":[],"allowed_inbound_country_list":["BR"]})").message, "");
  EXPECT_TRUE(dial("+14165550100")) << "an empty list lets all be called, and the other list is about other calls";
}

TEST_P(NumberRules, let_only_the_countries_of_the_list_call) {
  ASSERT_EQ(update("{" + bound("inbound") +
                   R"(,"allowed_inbound_country_list":["US"],"fallback_number":"+14155550111",)"
                   R"("inbound_webhook_url":"https://example.com/in"})")
                .message,
            "");
  for (const auto* from : {"+14165550100", "+5511912345678", "anonymous", "+266696687", "sip:ann@example.com", ""}) {
    const auto refused = ring(from);
    ASSERT_FALSE(refused) << from;
    EXPECT_EQ(refused.error().error.code, ErrorCode::forbidden) << from;
    EXPECT_EQ(refused.error().fallback_number, "") << "it is meant";
  }
  EXPECT_EQ(ring("+14165550100").error().error.message,
            "the allowed_inbound_country_list of +14155550100 does not hold the caller's country, CA");
  EXPECT_EQ(ring("anonymous").error().error.message,
            "the allowed_inbound_country_list of +14155550100 does not hold a country that the caller's number does "
            "not tell");
  EXPECT_TRUE(sent.empty()) << "nobody is asked about calls that are refused in any case";
  EXPECT_EQ(records(), 0U);
  answer_body = "{}";
  EXPECT_TRUE(ring("+14155550199"));
  ASSERT_EQ(update(R"({"allowed_inbound_country_list":null})").message, "");
  EXPECT_TRUE(ring("anonymous"));
}

TEST_P(NumberRules, hold_for_an_agent_that_the_carriers_webhook_names) {
  ASSERT_EQ(update(R"({"allowed_inbound_country_list":["US"],"fallback_number":"+14155550111"})").message, "");
  const auto ring_for = [&](const std::string& from, const std::string& sid) {
    return run(calls.incoming_for(organization, agent, from, number, sid));
  };
  EXPECT_EQ(ring_for("+5511912345678", "CA1").error().error.code, ErrorCode::forbidden);
  EXPECT_TRUE(ring_for("+14155550199", "CA1"));
  EXPECT_TRUE(ring_for("+5511912345678", "")) << "no carrier announces a simulated call";
  launcher.open = false;
  EXPECT_EQ(ring_for("+14155550199", "CA1").error().fallback_number, "+14155550111");
  const auto other = run(workspaces.create("Other", "")).value().id;
  EXPECT_EQ(run(calls.incoming_for(other, agent, "+14155550199", number, "CA1")).error().fallback_number, "")
      << "the number is another workspace's";
}

TEST_P(NumberRules, give_calls_that_cannot_be_taken_to_the_fallback) {
  const std::string fallback = "+14155550111";
  ASSERT_EQ(update("{" + bound("inbound") + R"(,"fallback_number":")" + fallback + "\"}").message, "");
  const auto goes_to = [&](ErrorCode why) {
    const auto refused = ring("+14155550199");
    EXPECT_FALSE(refused);
    if (refused) return std::string("nowhere: it was taken");
    EXPECT_EQ(refused.error().error.code, why) << refused.error().error.message;
    return refused.error().fallback_number;
  };
  launcher.open = false;
  EXPECT_EQ(goes_to(ErrorCode::unavailable), fallback) << "going down";
  launcher.open = true;
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_concurrent_calls = 1})));
  ASSERT_TRUE(ring("+14155550199"));
  EXPECT_EQ(goes_to(ErrorCode::rate_limited), fallback) << "full";
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_concurrent_calls = 9})));
  ASSERT_TRUE(run(agents.remove(organization, agent)));
  EXPECT_EQ(goes_to(ErrorCode::unprocessable), fallback) << "nobody is there";
  ASSERT_EQ(update(R"({"inbound_agents":null})").message, "");
  EXPECT_EQ(goes_to(ErrorCode::not_found), "") << "the number takes no calls";
}

TEST_P(NumberRules, remember_the_fallback_for_when_the_database_is_away) {
  const std::string fallback = "+14155550111";
  ASSERT_EQ(update("{" + bound("inbound") + R"(,"fallback_number":")" + fallback + "\"}").message, "");
  const auto goes_to = [&] {
    const auto away = run(database->execute({"ALTER TABLE phone_numbers RENAME TO elsewhere"}));
    EXPECT_TRUE(away);
    clock.advance(std::chrono::hours(1));  // nor is it cached any more
    const auto refused = ring("+14155550199");
    EXPECT_FALSE(refused);
    EXPECT_TRUE(run(database->execute({"ALTER TABLE elsewhere RENAME TO phone_numbers"})));
    return refused ? "" : refused.error().fallback_number;
  };
  EXPECT_EQ(goes_to(), "") << "nobody has looked yet";
  ASSERT_TRUE(run(numbers.remember_fallbacks()));
  EXPECT_EQ(goes_to(), fallback);
  ASSERT_EQ(update(R"({"fallback_number":null})").message, "");
  ASSERT_TRUE(run(numbers.owner(number, domain::Direction::outbound)));
  EXPECT_EQ(goes_to(), "") << "what a call has seen since counts";
  ASSERT_EQ(update(R"({"fallback_number":"sip:desk@example.com"})").message, "");
  ASSERT_TRUE(run(numbers.owner(number, domain::Direction::inbound)));
  EXPECT_EQ(goes_to(), "sip:desk@example.com");
  ASSERT_TRUE(run(numbers.remove(organization, number)));
  ASSERT_TRUE(run(numbers.remember_fallbacks()));
  EXPECT_EQ(goes_to(), "");
}

TEST_P(NumberRules, make_no_chain_of_fallbacks) {
  ASSERT_EQ(import("{}", "+14155550101"), "");
  ASSERT_EQ(import(R"({"fallback_number":"+14155550101"})", "+14155550102"), "");
  const auto refused = update(R"({"fallback_number":"+14155550102"})");
  EXPECT_EQ(refused.code, ErrorCode::unprocessable);
  EXPECT_EQ(refused.field, "fallback_number");
  EXPECT_EQ(refused.message,
            "fallback_number: +14155550102 has a fallback number itself: must be a number without one");
  EXPECT_EQ(update(R"({"fallback_number":"+15005550006"})", "+14155550101").message,
            "fallback_number: +14155550101 is the fallback number of +14155550102: must be null, for a fallback has "
            "none itself");
  EXPECT_EQ(update(R"({"fallback_number":"+14155550100"})").message,
            "fallback_number: must be another number than this one");
  EXPECT_EQ(import(R"({"fallback_number":"+14155550103"})", "+14155550103"),
            "fallback_number: must be another number than this one");
  EXPECT_EQ(import(R"({"fallback_number":"+14155550102"})", "+14155550103"),
            "fallback_number: +14155550102 has a fallback number itself: must be a number without one");
  // A ring over two workspaces would call for ever.
  const auto other = run(workspaces.create("Other", "")).value().id;
  ASSERT_TRUE(
      run(numbers.import(other, of(R"({"phone_number":"+14155550104","fallback_number":"+14155550100"})"), seal)));
  EXPECT_EQ(update(R"({"fallback_number":"+14155550104"})").field, "fallback_number");
  EXPECT_EQ(update(R"({"fallback_number":"+14155550101"})").message, "") << "several may share one";
  EXPECT_EQ(update(R"({"nickname":"Desk","fallback_number":"+14155550101"})").message, "") << "said again";
}

TEST_P(NumberRules, name_each_agent_once) {
  const auto list = [&](const std::string& more) {
    return R"({"inbound_agents":[{"agent_id":")" + agent + R"(","weight":0.5},{"agent_id":")" + agent +
           R"(","weight":0.5)" + more + "}]}";
  };
  const auto refused = update(list(""));
  EXPECT_EQ(refused.field, "inbound_agents[1].agent_id");
  EXPECT_EQ(refused.message,
            "inbound_agents[1].agent_id: is the agent and version of inbound_agents[0]: name it once, with the weights "
            "added up");
  EXPECT_EQ(update(list(R"(,"agent_version":"latest")")).field, "inbound_agents[1].agent_id");
  EXPECT_EQ(update(list(R"(,"agent_version":0)")).message, "") << "two versions are tried against each other";
}

TEST_P(NumberRules, name_versions_that_there_can_be) {
  const auto with = [&](const std::string& version) {
    return R"({"outbound_agents":[{"agent_id":")" + agent + R"(","weight":1,"agent_version":)" + version + "}]}";
  };
  for (const auto* bad : {"-1", "1.5", "1e12", "\"\"", "\"1.5\"", "\"Latest\"", "\"v1\"", "\"two words\""}) {
    const auto refused = update(with(bad));
    EXPECT_EQ(refused.field, "outbound_agents[0].agent_version") << bad;
    EXPECT_EQ(refused.message,
              "outbound_agents[0].agent_version: expected a whole number, latest, latest_published or a tag of the "
              "agent's versions");
  }
  for (const auto* good : {"0", "\"3\"", "\"latest\"", "\"latest_published\"", "\"prod\"", "null"}) {
    EXPECT_EQ(update(with(good)).message, "") << good;
  }
}

TEST_P(NumberRules, have_a_trunk_with_an_address_or_none) {
  for (const auto* bad : {"\"\"", "\" \"", "\"sip example\""}) {
    const auto refused = update(std::string(R"({"termination_uri":)") + bad + "}");
    EXPECT_EQ(refused.field, "termination_uri") << bad;
    EXPECT_EQ(refused.message,
              "termination_uri: expected the address of your SIP trunk, such as example.pstn.twilio.com");
  }
  EXPECT_EQ(import(R"({"termination_uri":""})", "+14155550111").substr(0, 15), "termination_uri");
  for (const auto* good : {"\"example.pstn.twilio.com\"", "\"sip:10.0.0.1:5060;transport=tcp\"", "null"}) {
    EXPECT_EQ(update(std::string(R"({"termination_uri":)") + good + "}").message, "") << good;
  }
}

// Such were taken once.
TEST_P(NumberRules, leave_a_number_that_was_stored_before_them_to_be_changed) {
  storage::PhoneNumber stored;
  stored.phone_number = "+14155550111";
  stored.organization_id = organization;
  stored.body = of(R"({"termination_uri":"","allowed_inbound_country_list":["ZZ"],"fallback_number":"+14155550111"})")
                    .as_object();
  ASSERT_TRUE(run(storage::PhoneNumberStore(*database).insert(stored)));
  EXPECT_EQ(update(R"({"nickname":"Desk"})", "+14155550111").message, "");
}

RETELL_ON_EVERY_DATABASE(NumberRules);

}  // namespace
}  // namespace retell::services
