// What the carrier is told to do with a call that comes in: over the route that it asks, with its signature.
#include "app/media_routes.hpp"
#include "crypto/twilio_signature.hpp"
#include "host_rig.hpp"
#include "unit/api/endpoints.hpp"

namespace retell::app {
namespace {

class IncomingCalls : public api::EndpointsOn {
 protected:
  static constexpr auto public_url = "https://voice.example.com";
  static constexpr auto head = R"(<?xml version="1.0" encoding="UTF-8"?><Response>)";

  IncomingCalls() : EndpointsOn(storage::Dialect::sqlite) {
    config.twilio.auth_token = "the carrier's secret";
    media_.emplace(MediaRoutesParts{
        config, public_url, *rig_.host, app_launcher_, calls, agents, keys, rig_.workers, organization, "secret", {}});
    media_->add_to(router);
    agent_ = make_agent();
    set(R"({"phone_number":"+14155550100","inbound_agents":[{"agent_id":")" + agent_ + R"(","weight":1}]})");
  }
  void set(const std::string& settings) {
    const auto body = of(settings);
    const auto done = body.as_object().contains("phone_number")
                          ? run(numbers.import(organization, body, seal))
                          : run(numbers.update(organization, "+14155550100", body, seal));
    EXPECT_TRUE(done) << done.error().message;
  }
  net::HttpResponse ring(const std::string& from, const std::string& path = "/twilio/voice", bool is_signed = true) {
    const std::string form = "CallSid=CA1&From=" + net::percent_encode(from) + "&To=%2B14155550100";
    net::Headers headers;
    const auto* secret = is_signed ? "the carrier's secret" : "somebody's";
    headers.set("X-Twilio-Signature", crypto::sign_twilio(secret, public_url + path, net::parse_form(form)));
    return send("POST", path, form, headers);
  }
  // The document's inside.
  std::string answer(const std::string& from, const std::string& path = "/twilio/voice") {
    const auto reply = ring(from, path);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.headers.get("Content-Type"), "text/xml");
    EXPECT_TRUE(reply.body.starts_with(head)) << reply.body;
    const auto inside = reply.body.substr(std::string_view(head).size());
    return inside.substr(0, inside.find("</Response>"));
  }
  static constexpr auto rejected = "<Reject/>";
  static constexpr auto busy = R"(<Reject reason="busy"/>)";

  test::HostRig rig_;
  Launcher app_launcher_{*rig_.host, rig_.workers.at(0)};
  std::optional<MediaRoutes> media_;
  std::string agent_;
};

TEST_F(IncomingCalls, go_to_the_fallback_number_while_this_server_cannot_take_them) {
  const std::string fallback = R"(<Dial answerOnBridge="true"><Number>+14155550111</Number></Dial>)";
  launcher.open = false;
  EXPECT_EQ(answer("+14155550199"), busy) << "there is no fallback";
  set(R"({"fallback_number":"+14155550111"})");
  EXPECT_EQ(answer("+14155550199"), fallback) << "going down";
  EXPECT_EQ(answer("+14155550199", "/twilio/voice/" + agent_), fallback);
  launcher.open = true;
  EXPECT_TRUE(answer("+14155550199").starts_with("<Connect><Stream"));
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_concurrent_calls = 1})));
  EXPECT_EQ(answer("+14155550199"), fallback) << "full";
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_concurrent_calls = 9})));
  ASSERT_TRUE(run(database->execute({"ALTER TABLE agents RENAME TO elsewhere"})));
  EXPECT_EQ(answer("+14155550199"), fallback) << "the agent cannot be read";
  ASSERT_TRUE(run(database->execute({"ALTER TABLE elsewhere RENAME TO agents"})));
  ASSERT_TRUE(run(database->execute({"ALTER TABLE phone_numbers RENAME TO elsewhere"})));
  EXPECT_EQ(answer("+14155550199"), fallback) << "nor can the number";
}

TEST_F(IncomingCalls, are_not_put_through_when_they_are_refused) {
  set(R"({"fallback_number":"+14155550111","allowed_inbound_country_list":["US"]})");
  EXPECT_EQ(answer("+5511912345678"), rejected);
  EXPECT_EQ(answer("anonymous"), rejected);
  EXPECT_EQ(answer("+5511912345678", "/twilio/voice/" + agent_), rejected);
  launcher.open = false;
  EXPECT_EQ(answer("+5511912345678"), rejected) << "now as ever";
  launcher.open = true;
  set(R"({"inbound_webhook_url":"https://example.com/in"})");
  answer_body = R"({"call_inbound":{"reject":true}})";
  EXPECT_EQ(answer("+14155550199"), rejected) << "the webhook says so";
  ASSERT_TRUE(run(numbers.remove(organization, "+14155550100")));
  EXPECT_EQ(answer("+14155550199"), rejected) << "nobody's number";
}

TEST_F(IncomingCalls, reach_a_fallback_by_sip_whatever_stands_in_its_address) {
  set(R"({"fallback_number":"sip:desk@example.com;a=\"<1>\"&b='2'"})");
  launcher.open = false;
  EXPECT_EQ(answer("+14155550199"),
            R"(<Dial answerOnBridge="true"><Sip>sip:desk@example.com;a=&quot;&lt;1&gt;&quot;&amp;b=&apos;2&apos;</Sip>)"
            "</Dial>");
}

TEST_F(IncomingCalls, are_the_carriers_alone_to_announce) {
  set(R"({"fallback_number":"+14155550111"})");
  launcher.open = false;
  const auto reply = ring("+14155550199", "/twilio/voice", false);
  EXPECT_EQ(reply.status, 403U);
  EXPECT_EQ(reply.body.find("+14155550111"), std::string::npos) << reply.body;
}

}  // namespace
}  // namespace retell::app
