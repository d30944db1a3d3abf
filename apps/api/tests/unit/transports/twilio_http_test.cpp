#include <gtest/gtest.h>

#include "crypto/twilio_signature.hpp"
#include "transports/twilio/rest.hpp"
#include "transports/twilio/twiml.hpp"
#include "transports/twilio/webhook.hpp"

namespace retell::transports::twilio {
namespace {

using Reason = domain::DisconnectionReason;

net::HttpRequest signed_request(const std::string& token, const std::string& url, const std::string& target) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.body = "CallSid=CA1&From=%2B15550001&To=%2B15550002&Direction=inbound&CallStatus=ringing";
  request.headers.set("X-Twilio-Signature", crypto::sign_twilio(token, url + target, net::parse_form(request.body)));
  return request;
}

TEST(TwilioWebhook, takes_a_form_that_was_signed_for_the_public_url) {
  const auto webhook = read_voice_webhook(signed_request("secret", "https://voice.example", "/twilio/voice?x=1"),
                                          {"secret", "https://voice.example/", true});
  ASSERT_TRUE(webhook.has_value());
  EXPECT_EQ(webhook->call_sid, "CA1");
  EXPECT_EQ(webhook->from, "+15550001");
  EXPECT_EQ(webhook->to, "+15550002");
}

TEST(TwilioWebhook, refuses_a_wrong_token_another_host_a_changed_form_and_no_signature) {
  const WebhookOptions options{"secret", "https://voice.example", true};
  const auto good = signed_request("secret", "https://voice.example", "/twilio/voice");
  EXPECT_TRUE(read_voice_webhook(good, options).has_value());

  const auto refused = [&](const net::HttpRequest& request, const WebhookOptions& with) {
    const auto result = read_voice_webhook(request, with);
    return !result && result.error().code == core::ErrorCode::forbidden;
  };
  EXPECT_TRUE(refused(good, {"other", "https://voice.example", true}));
  EXPECT_TRUE(refused(good, {"", "https://voice.example", true}));
  auto forwarded = signed_request("secret", "https://evil.example", "/twilio/voice");
  forwarded.headers.set("X-Forwarded-Host", "evil.example");
  EXPECT_TRUE(refused(forwarded, options));
  auto changed = good;
  changed.body += "&Extra=1";
  EXPECT_TRUE(refused(changed, options));
  auto bare = good;
  bare.headers = {};
  EXPECT_TRUE(refused(bare, options));
}

TEST(TwilioWebhook, an_unsigned_form_is_taken_only_when_checking_is_off) {
  net::HttpRequest request;
  request.body = "CallSid=CA1";
  EXPECT_TRUE(read_voice_webhook(request, {"", "", false}).has_value());
  request.body = "From=x";
  const auto missing = read_voice_webhook(request, {"", "", false});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().field, "CallSid");
}

TEST(TwilioWebhook, says_how_an_unanswered_call_ended) {
  const auto reason = [](const char* status, const char* sip = "") {
    VoiceWebhook webhook;
    webhook.call_status = status;
    webhook.sip_code = sip;
    return unanswered_reason(webhook);
  };
  EXPECT_EQ(reason("busy"), Reason::dial_busy);
  EXPECT_EQ(reason("busy", "603"), Reason::user_declined);
  EXPECT_EQ(reason("no-answer"), Reason::dial_no_answer);
  EXPECT_EQ(reason("canceled"), Reason::dial_no_answer);
  EXPECT_EQ(reason("failed"), Reason::dial_failed);
  EXPECT_EQ(reason("failed", "404"), Reason::invalid_destination);
  EXPECT_EQ(reason("completed"), std::nullopt);
  EXPECT_EQ(reason("in-progress"), std::nullopt);
}

TEST(TwilioWebhook, makes_a_websocket_address_of_the_public_one) {
  EXPECT_EQ(websocket_url("https://voice.example/", "/media"), "wss://voice.example/media");
  EXPECT_EQ(websocket_url("http://localhost:8080", "/media"), "ws://localhost:8080/media");
}

TEST(TwiML, connects_a_stream_with_everything_escaped) {
  EXPECT_EQ(
      connect_stream("wss://a.example/media?x=1&y=2", {{"token", "t<\"'>&\n"}}),
      R"(<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://a.example/media?x=1&amp;y=2">)"
      R"(<Parameter name="token" value="t&lt;&quot;&apos;&gt;&amp;&#10;"/></Stream></Connect><Hangup/></Response>)");
  EXPECT_EQ(escape_xml(std::string("a\0b\x01"
                                   "c",
                                   5)),
            "abc");
}

TEST(TwilioRest, asks_for_a_call_with_credentials_and_an_encoded_form) {
  const auto request = create_call_request(
      {"AC1", "secret", "http://127.0.0.1:9/"},
      {"+15550001", "+15550002", "<Response/>", "https://v.example/s?a=b", std::chrono::seconds(45)});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://127.0.0.1:9/2010-04-01/Accounts/AC1/Calls.json");
  EXPECT_EQ(request.headers.get("authorization"), "Basic QUMxOnNlY3JldA==");
  const auto form = net::parse_form(request.body);
  const std::vector<std::pair<std::string, std::string>> expected{{"To", "+15550002"},
                                                                  {"From", "+15550001"},
                                                                  {"Twiml", "<Response/>"},
                                                                  {"Timeout", "45"},
                                                                  {"StatusCallback", "https://v.example/s?a=b"},
                                                                  {"StatusCallbackMethod", "POST"},
                                                                  {"StatusCallbackEvent", "completed"}};
  EXPECT_EQ(form, expected);
}

TEST(TwilioRest, asks_for_numbers_buys_finds_and_releases_them) {
  const RestOptions options{"AC1", "secret", "http://127.0.0.1:9"};
  const std::string account = "http://127.0.0.1:9/2010-04-01/Accounts/AC1";
  const auto search = search_numbers_request(options, {"CA", "416", false});
  EXPECT_EQ(search.method, "GET");
  EXPECT_EQ(search.url, account + "/AvailablePhoneNumbers/CA/Local.json?AreaCode=416&VoiceEnabled=true&PageSize=20");
  EXPECT_EQ(search.headers.get("authorization"), "Basic QUMxOnNlY3JldA==");
  EXPECT_EQ(search_numbers_request(options, {.toll_free = true}).url,
            account + "/AvailablePhoneNumbers/US/TollFree.json?VoiceEnabled=true&PageSize=20");
  const auto buy = buy_number_request(options, {"+14165550100", "purchase_1", "https://v.example/twilio/voice"});
  EXPECT_EQ(buy.method, "POST");
  EXPECT_EQ(buy.url, account + "/IncomingPhoneNumbers.json");
  const std::vector<std::pair<std::string, std::string>> expected{{"PhoneNumber", "+14165550100"},
                                                                  {"FriendlyName", "purchase_1"},
                                                                  {"VoiceUrl", "https://v.example/twilio/voice"},
                                                                  {"VoiceMethod", "POST"}};
  EXPECT_EQ(net::parse_form(buy.body), expected);
  EXPECT_EQ(find_numbers_request(options, "purchase_1").url,
            account + "/IncomingPhoneNumbers.json?FriendlyName=purchase_1&PageSize=20");
  const auto release = release_number_request(options, "PN1");
  EXPECT_EQ(release.method, "DELETE");
  EXPECT_EQ(release.url, account + "/IncomingPhoneNumbers/PN1.json");
}

TEST(TwilioRest, reads_the_calls_id_and_twilios_errors) {
  net::HttpResponse response;
  response.status = 201;
  response.body = R"({"sid":"CA9","status":"queued"})";
  EXPECT_EQ(read_created_call(response).value(), "CA9");

  const auto failure = [](unsigned status, std::string body) {
    net::HttpResponse answer;
    answer.status = status;
    answer.body = std::move(body);
    return read_created_call(answer).error();
  };
  const auto invalid = failure(400, R"({"code":21211,"message":"The 'To' number is not valid","status":400})");
  EXPECT_EQ(invalid.code, core::ErrorCode::unprocessable);
  EXPECT_EQ(disconnection_reason(invalid), Reason::invalid_destination);
  EXPECT_NE(invalid.message.find("21211"), std::string::npos);
  EXPECT_EQ(disconnection_reason(failure(401, R"({"code":20003,"message":"Authenticate"})")),
            Reason::telephony_provider_permission_denied);
  EXPECT_EQ(disconnection_reason(failure(403, "<html>")), Reason::telephony_provider_permission_denied);
  EXPECT_EQ(disconnection_reason(failure(503, "<html>")), Reason::telephony_provider_unavailable);
  EXPECT_EQ(disconnection_reason(failure(400, "{}")), Reason::dial_failed);
  EXPECT_EQ(failure(201, "{}").code, core::ErrorCode::protocol);
  EXPECT_EQ(failure(200, "nonsense").code, core::ErrorCode::protocol);
}

TEST(TwilioRest, tells_its_refusals_apart_from_those_of_this_server) {
  // As 401 or 404 they would say that our own caller's key is wrong, or what it asked for is not there.
  for (const unsigned status : {401U, 403U, 404U}) {
    net::HttpResponse answer;
    answer.status = status;
    answer.body = R"({"code":20003,"message":"Authenticate"})";
    const auto error = read_created_call(answer).error();
    EXPECT_EQ(error.code, core::ErrorCode::unprocessable) << status;
    EXPECT_NE(error.message.find("Twilio answered " + std::to_string(status) + " (20003): Authenticate"),
              std::string::npos)
        << error.message;
    EXPECT_EQ(error.message.find("the carrier refuses the credentials") != std::string::npos, status != 404);
  }
}

}  // namespace
}  // namespace retell::transports::twilio
