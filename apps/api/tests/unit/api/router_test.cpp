#include <gtest/gtest.h>

#include <set>

#include "unit/api/endpoints.hpp"

namespace retell::api {
namespace {

TEST_P(Endpoints, take_an_agent_through_its_life) {
  const auto llm = of(send("POST", "/create-retell-llm", R"({"general_prompt":"p"})").body);
  const auto created = send("POST", "/create-agent",
                            R"({"response_engine":{"type":"retell-llm","llm_id":")" + text(llm.at("llm_id")) +
                                R"("},"voice_id":"voice-en-US"})");
  EXPECT_EQ(created.status, 201U);
  EXPECT_EQ(created.headers.get("Content-Type"), "application/json; charset=utf-8");
  const auto id = text(of(created.body).at("agent_id"));
  EXPECT_EQ(send("PATCH", "/update-agent/" + id, R"({"agent_name":"Ann"})").status, 200U);
  EXPECT_EQ(text(of(send("GET", "/get-agent/" + id + "?version=0").body).at("agent_name")), "Ann");
  EXPECT_EQ(of(send("POST", "/v2/list-agents?limit=1", "{}").body).at("items").as_array().size(), 1U);
  const auto published = send("POST", "/publish-agent-version/" + id, R"({"version":0})");
  EXPECT_EQ(published.status, 200U);
  EXPECT_TRUE(published.body.empty());
  EXPECT_EQ(send("PATCH", "/update-agent/" + id, R"({"agent_name":"Bea"})").status, 412U);
  EXPECT_EQ(send("POST", "/create-agent-version/" + id, R"({"base_version":0})").status, 201U);
  EXPECT_EQ(of(send("GET", "/get-agent-versions/" + id).body).as_array().size(), 2U);
  const auto versions = of(send("GET", "/list-agent-versions/" + id + "?limit=1").body);
  EXPECT_TRUE(versions.at("has_more").as_bool());
  EXPECT_EQ(text(versions.at("pagination_key")), "1");
  const auto rest = of(send("GET", "/list-agent-versions/" + id + "?limit=1&pagination_key=1").body);
  EXPECT_EQ(rest.at("items").at(0).at("version").as_int64(), 0);
  EXPECT_FALSE(rest.at("has_more").as_bool());
  EXPECT_EQ(send("DELETE", "/delete-agent-version/" + id + "?version=1").status, 204U);
  // The key of what is gone since still has its place; what is no key has none.
  const auto after = of(send("GET", "/list-agent-versions/" + id + "?pagination_key=1").body);
  EXPECT_EQ(after.at("items").as_array().size(), 1U);
  EXPECT_EQ(send("GET", "/list-agent-versions/" + id + "?pagination_key=zz").status, 400U);
  EXPECT_EQ(send("DELETE", "/delete-agent/" + id).status, 204U);
  EXPECT_EQ(send("GET", "/get-agent/" + id).status, 422U);
}

TEST_P(Endpoints, refuse_a_pagination_key_that_leads_nowhere) {
  const auto agent = make_agent();
  const auto call =
      text(of(send("POST", "/v2/create-web-call", R"({"agent_id":")" + agent + R"("})").body).at("call_id"));
  const auto* refused = R"({"status":"error","message":"pagination_key: is none of this list"})";
  for (const auto* path : {"/v2/list-agents", "/v3/list-calls", "/v2/list-calls", "/v3/list-chats", "/list-contacts"}) {
    const bool in_query = std::string_view(path) == "/v2/list-agents";
    const auto answer = in_query ? send("POST", path + std::string("?pagination_key=zz"), "{}")
                                 : send("POST", path, R"({"pagination_key":"zz"})");
    EXPECT_EQ(answer.status, 400U) << path;
    EXPECT_EQ(answer.body, refused) << path;
  }
  for (const auto* path :
       {"/list-agents", "/v2/list-retell-llms", "/v2/list-conversation-flows", "/v2/list-conversation-flow-components",
        "/v2/list-phone-numbers", "/v1/audit-log", "/v1/webhook-deliveries"}) {
    const auto answer = send("GET", path + std::string("?pagination_key=zz"));
    EXPECT_EQ(answer.status, 400U) << path;
    EXPECT_EQ(answer.body, refused) << path;
  }
  EXPECT_EQ(send("GET", "/list-agents?pagination_key=" + agent).status, 200U);
  EXPECT_EQ(send("POST", "/v2/list-calls", R"({"pagination_key":")" + call + R"("})").body, "[]");
  EXPECT_EQ(send("POST", "/v3/list-calls", R"({"pagination_key":"1.call_deleted"})").status, 200U);
}

TEST_P(Endpoints, check_the_overrides_of_a_batch_before_they_say_that_there_are_none) {
  const auto ask = [&](const std::string& override_) {
    return send(
        "POST", "/create-batch-call",
        R"({"from_number":"+14155550100","tasks":[{"to_number":"+14155550101","agent_override":)" + override_ + "}]}");
  };
  EXPECT_EQ(ask(R"({"agent":{"volume":77}})").body,
            R"({"status":"error","message":"tasks[0].agent_override.agent.volume: must be from 0 to 2"})");
  EXPECT_EQ(
      ask(R"({"retell_llm":{"model_temperature":7}})").body,
      R"({"status":"error","message":"tasks[0].agent_override.retell_llm.model_temperature: must be from 0 to 1"})");
  EXPECT_EQ(ask(R"({"agent":{"volume":1},"retell_llm":{"begin_message":"Hi"}})").status, 422U);
  // What the override does not name, the agent may have.
  EXPECT_EQ(ask(R"({"agent":{"stt_mode":"custom"}})").status, 422U);
  EXPECT_EQ(ask(R"({"agent":{"custom_stt_config":{"provider":"deepgram","endpointing_ms":50}}})").status, 422U);
  EXPECT_EQ(ask(R"({"agent":{"custom_stt_config":null}})").status, 422U);
  EXPECT_EQ(ask(R"({"agent":{"stt_mode":"custom","custom_stt_config":null}})").status, 400U);
}

TEST_P(Endpoints, take_no_path_or_query_that_a_database_cannot_hold) {
  const auto* refused =
      R"({"status":"error","message":"The path and query must be UTF-8 without the character U+0000."})";
  for (const auto& target : {std::string("/get-agent/a\0b", 14), std::string("/get-agent/\xC3\x28"),
                             std::string("/v2/list-retell-llms?pagination_key=%00"), std::string("/nowhere?x=%ff")}) {
    const auto answer = send("GET", target);
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.body, refused);
  }
  EXPECT_EQ(send("GET", "/get-agent/ação").status, 422U);
}

TEST_P(Endpoints, take_bodies_as_they_are) {
  const auto compressed = send("POST", "/create-agent", "\x1F\x8B", {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(compressed.status, 415U);
  EXPECT_EQ(compressed.body,
            R"({"status":"error","message":"Content-Encoding: gzip is not understood here; send the body as it is, )"
            R"(without compression."})");
  EXPECT_EQ(compressed.headers.get("Accept-Encoding"), "identity");
  EXPECT_EQ(send("POST", "/create-retell-llm", "{}", {{"Content-Encoding", "identity"}}).status, 201U);
}

TEST_P(Endpoints, answer_errors_in_one_shape) {
  const auto invalid = send("POST", "/create-agent", "{}");
  EXPECT_EQ(invalid.status, 400U);
  EXPECT_EQ(invalid.body, R"({"status":"error","message":"response_engine: is required; voice_id: is required"})");
  EXPECT_EQ(send("POST", "/create-agent", "{oops").status, 400U);
  EXPECT_EQ(send("GET", "/get-voice/nobody").status, 422U);
  EXPECT_EQ(send("GET", "/nothing/here").body, R"({"status":"error","message":"Cannot GET /nothing/here"})");
  const auto wrong_method = send("GET", "/create-agent");
  EXPECT_EQ(wrong_method.status, 405U);
  EXPECT_EQ(wrong_method.headers.get("Allow"), "POST");
  EXPECT_EQ(send("GET", "/get-agent/a/b").status, 404U);
  EXPECT_EQ(send("GET", "/get-agent/").status, 404U);
  EXPECT_EQ(send("GET", "/v2/list-retell-llms?limit=0").status, 400U);
}

TEST_P(Endpoints, ask_for_a_key) {
  const auto refused = send("GET", "/list-voices", "", {{"Authorization", "Bearer key_wrong"}});
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(refused.body, R"({"status":"error","message":"Invalid API Key."})");
  EXPECT_EQ(send("GET", "/list-voices", "", {{"Authorization", "Basic abc"}}).status, 401U);
  EXPECT_EQ(send("GET", "/health", "", {{"Authorization", ""}}).status, 200U);
  const auto identity = of(send("GET", "/get-api-key-info").body);
  EXPECT_EQ(text(identity.at("org_name")), "Acme");
  EXPECT_EQ(text(identity.at("api_key_name")), "First");
  for (const auto& route : router.routes()) {
    const std::set<std::string_view> open = {"/health",
                                             "/ready",
                                             "/metrics",
                                             "/recordings/{file}",
                                             "/docs",
                                             "/docs/files/{file}",
                                             "/files/{file}",
                                             "/openapi.json",
                                             "/v1/sessions/refresh",
                                             "/v1/sessions/sign-out",
                                             "/v1/invitations/accept",
                                             "/v1/passwords/reset"};
    const bool sign_in = route.pattern == "/v1/sessions" && route.method == "POST";
    EXPECT_EQ(route.auth == Auth::key, !open.contains(route.pattern) && !sign_in) << route.pattern;
  }
}

TEST_P(Endpoints, take_the_schemes_name_in_any_case) {
  for (const auto* scheme : {"bearer ", "BEARER ", "Bearer "}) {
    EXPECT_EQ(send("GET", "/get-concurrency", "", {{"Authorization", scheme + key}}).status, 200U) << scheme;
  }
  EXPECT_EQ(send("GET", "/get-concurrency", "", {{"Authorization", "Basic " + key}}).status, 401U);
}

TEST_P(Endpoints, take_no_typing_error_for_a_no) {
  const auto llm = make_llm();
  const auto refused = send("DELETE", "/delete-retell-llm/" + llm + "?force_delete=maybe");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(text(of(refused.body).at("message")), "force_delete: expected true or false");
  EXPECT_EQ(send("DELETE", "/delete-conversation-flow/conversation_flow_x?force_delete=1").status, 400U);
  EXPECT_EQ(send("GET", "/list-agents?is_latest=yes").status, 400U);
  EXPECT_EQ(send("DELETE", "/delete-retell-llm/" + llm + "?force_delete=false").status, 204U);
}

TEST_P(Endpoints, are_each_in_the_table_once) {
  std::set<std::string> seen;
  for (const auto& route : router.routes()) {
    EXPECT_TRUE(seen.insert(std::string(route.method) + " " + std::string(route.pattern)).second) << route.pattern;
  }
}

TEST_P(Endpoints, make_find_and_list_calls) {
  const auto agent = make_agent();
  const auto body = R"({"agent_id":")" + agent + R"(","metadata":{"k":"v"}})";
  const auto created = of(send("POST", "/v3/create-web-call", body).body);
  EXPECT_EQ(text(created.at("transport")), "gateway");
  EXPECT_EQ(created.at("expires_at").as_int64(), core::epoch_ms(clock.wall()) + 30'000);
  EXPECT_TRUE(created.at("ice_servers").as_array().empty());
  const auto id = text(created.at("call_id"));
  const auto old = of(send("POST", "/v2/create-web-call", body).body);
  EXPECT_EQ(text(old.at("call_type")), "web_call");
  EXPECT_FALSE(text(old.at("access_token")).empty());
  EXPECT_EQ(text(of(send("GET", "/v2/get-call/" + id).body).at("call_status")), "registered");
  const auto concurrency = of(send("GET", "/get-concurrency").body);
  EXPECT_EQ(concurrency.at("current_concurrency").as_int64(), 2);
  EXPECT_EQ(concurrency.at("concurrency_limit").as_int64(), 3);
  const auto list =
      of(send("POST", "/v3/list-calls",
              R"({"include_total":true,"limit":1,"filter_criteria":{"metadata":[{"type":"string","op":"eq",)"
              R"("key":"k","value":"v"}]}})")
             .body);
  EXPECT_EQ(list.at("total").as_int64(), 2);
  EXPECT_TRUE(list.at("has_more").as_bool());
  EXPECT_EQ(of(send("POST", "/v2/list-calls", R"({"filter_criteria":{"agent_id":[")" + agent + R"("]}})").body)
                .as_array()
                .size(),
            2U);
  EXPECT_EQ(send("POST", "/v3/list-calls", R"({"filter_criteria":{"colour":{}}})").status, 400U);
  EXPECT_EQ(of(send("POST", "/v2/list-calls", R"({"filter_criteria":{"version":[0]}})").body).as_array().size(), 2U);
  const auto unknown = send("POST", "/v2/list-agents", R"({"filter_criteria":{"colour":{}}})");
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_EQ(text(of(unknown.body).at("message")), "filter_criteria.colour: is not a known filter");
  EXPECT_EQ(send("PATCH", "/v2/update-call/" + id, R"({"custom_attributes":{"tier":1}})").status, 200U);
  EXPECT_EQ(send("POST", "/v2/stop-call/" + id).status, 204U);
  settle();
  EXPECT_EQ(text(of(send("GET", "/v2/get-call/" + id).body).at("disconnection_reason")), "manual_stopped");
  EXPECT_EQ(send("DELETE", "/v2/delete-call/" + id).status, 204U);
  EXPECT_EQ(send("GET", "/v2/get-call/" + id).status, 422U);
}

TEST_P(Endpoints, keep_the_plus_of_phone_numbers) {
  EXPECT_EQ(send("POST", "/import-phone-number", R"({"phone_number":"+14155550100","termination_uri":"x"})").status,
            201U);
  EXPECT_EQ(text(of(send("GET", "/get-phone-number/+14155550100").body).at("phone_number")), "+14155550100");
  EXPECT_EQ(of(send("GET", "/v2/list-phone-numbers").body).at("items").as_array().size(), 1U);
  EXPECT_EQ(send("DELETE", "/delete-phone-number/+14155550100").status, 204U);
}

TEST_P(Endpoints, let_browsers_of_other_origins_in) {
  const auto preflight = send("OPTIONS", "/v3/create-web-call", "",
                              {{"Origin", "https://shop.example"},
                               {"Access-Control-Request-Method", "POST"},
                               {"Access-Control-Request-Headers", "authorization, x-retell-client-js-sdk-version"}});
  EXPECT_EQ(preflight.status, 204U);
  EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Headers"), "authorization, x-retell-client-js-sdk-version");
  const auto answer =
      send("GET", "/list-voices", "", {{"Origin", "https://shop.example"}, {"Authorization", "Bearer " + key}});
  EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "*");
  Router strict(api, {.cors_origins = {"https://a.example"}}, {});
  net::HttpRequest request;
  request.method = "OPTIONS";
  request.path = "/list-voices";
  request.headers = {{"Origin", "https://b.example"}, {"Access-Control-Request-Method", "GET"}};
  EXPECT_FALSE(run(strict.handle(request, worker)).headers.has("Access-Control-Allow-Origin"));
}

TEST_P(Endpoints, give_requests_an_id_and_count_them) {
  EXPECT_TRUE(send("GET", "/health").headers.get("X-Request-Id")->starts_with("req_"));
  const auto echoed = send("GET", "/health", "", {{"X-Request-Id", "trace-1"}});
  EXPECT_EQ(echoed.headers.get("X-Request-Id"), "trace-1");
  const auto odd = send("GET", "/health", "", {{"X-Request-Id", "a b\r\n"}});
  EXPECT_TRUE(odd.headers.get("X-Request-Id")->starts_with("req_"));
  send("GET", "/get-agent/agent_secret");
  const auto page = send("GET", "/metrics").body;
  EXPECT_NE(page.find("route=\"/get-agent/{agent_id}\""), std::string::npos);
  EXPECT_EQ(page.find("agent_secret"), std::string::npos);
}

TEST_P(Endpoints, say_when_no_new_calls_are_taken) {
  EXPECT_EQ(send("GET", "/ready").status, 200U);
  ready = false;
  const auto refused = send("GET", "/ready");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.body, R"({"status":"error","message":"draining"})");
  launcher.open = false;
  const auto agent = make_agent();
  const auto call = send("POST", "/v2/create-web-call", R"({"agent_id":")" + agent + R"("})");
  EXPECT_EQ(call.status, 503U);
  EXPECT_NE(call.body.find("takes no new calls"), std::string::npos) << call.body;
}

TEST_P(Endpoints, answer_to_head_as_to_get_and_name_the_methods_of_every_path) {
  EXPECT_EQ(send("HEAD", "/health").status, 200U);
  router.raw("POST", "/hook", [](Request) -> core::Task<net::HttpResponse> { co_return empty_reply(204); });
  const auto wrong = send("GET", "/hook");
  EXPECT_EQ(wrong.status, 405U);
  EXPECT_EQ(wrong.headers.get("Allow"), "POST");
}

TEST_P(Endpoints, slow_down_a_workspace_that_asks_too_much) {
  Router limited(api, {.cors_origins = {}, .max_requests_per_second = 2}, {});
  const auto ask = [&] {
    net::HttpRequest request;
    request.method = "GET";
    request.path = "/list-voices";
    request.headers = {{"Authorization", "Bearer " + key}};
    const auto answer = run(limited.handle(request, worker));
    if (answer.status == 429) {
      EXPECT_EQ(answer.headers.get("Retry-After"), "1");
      EXPECT_EQ(answer.body,
                R"({"status":"error","message":"Too many requests: the limit of this workspace is 2 a second."})");
    }
    return answer.status;
  };
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ask(), 200U);
  EXPECT_EQ(ask(), 429U);
  clock.advance(std::chrono::milliseconds(500));
  EXPECT_EQ(ask(), 200U);
  EXPECT_EQ(ask(), 429U);
  // Another key of the workspace shares the limit, and the operator can change it.
  key = run(keys.create(organization, "Second"))->key;
  EXPECT_EQ(ask(), 429U);
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_requests_per_second = 100})));
  clock.advance(services::ApiKeyService::remembered);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask(), 200U);
}

TEST_P(Endpoints, of_others_are_looked_at_after_the_apis_own) {
  router.raw("POST", "/twilio/voice", [](Request request) -> core::Task<net::HttpResponse> {
    co_return text_reply(200, "call " + request.http().body);
  });
  router.raw("GET", "/*", [](Request request) -> core::Task<net::HttpResponse> {
    co_return text_reply(200, "page " + request.parameter(0));
  });
  EXPECT_EQ(send("POST", "/twilio/voice", "CA1").body, "call CA1");
  EXPECT_EQ(send("GET", "/app/index.html").body, "page app/index.html");
  EXPECT_EQ(send("GET", "/").body, "page ");
  EXPECT_EQ(send("GET", "/health").body, R"({"status":"ok"})");
}

class Recordings : public Endpoints {
 protected:
  // The link's path and query for a stored recording of 200,000 bytes.
  std::string link(std::int64_t lifetime_ms) {
    storage::StoredCall stored;
    stored.organization_id = organization;
    stored.call.call_id = "call_1";
    EXPECT_TRUE(run(objects.put("recordings/call_1.wav", sound)));
    EXPECT_TRUE(run(storage::CallStore(*database).insert(stored)));
    EXPECT_TRUE(run(recordings.keep(stored, (folder.path() / "objects/recordings/call_1.wav").string(), lifetime_ms)));
    return stored.call.recording_url->substr(std::string("https://voice.example.com").size());
  }
  std::string sound = [] {
    std::string bytes(200'000, 'x');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i % 26);
    return bytes;
  }();
};

TEST_P(Recordings, play_from_a_signed_link_whole_and_in_parts) {
  const auto target = link(0);
  auto whole = send("GET", target, "", {{"Authorization", ""}});
  EXPECT_EQ(whole.status, 200U);
  EXPECT_EQ(whole.headers.get("Content-Type"), "audio/wav");
  EXPECT_EQ(whole.stream->length, 200'000U);
  EXPECT_EQ(body_of(whole), sound);
  const auto part = [&](std::string range) {
    return send("GET", target, "", {{"Authorization", ""}, {"Range", std::move(range)}});
  };
  auto middle = part("bytes=100-150099");
  EXPECT_EQ(middle.status, 206U);
  EXPECT_EQ(middle.headers.get("Content-Range"), "bytes 100-150099/200000");
  EXPECT_EQ(body_of(middle), sound.substr(100, 150'000));
  auto tail = part("bytes=-5");
  EXPECT_EQ(body_of(tail), sound.substr(199'995));
  EXPECT_EQ(part("bytes=199999-").headers.get("Content-Range"), "bytes 199999-199999/200000");
  EXPECT_EQ(part("bytes=200000-").status, 416U);
  EXPECT_EQ(part("bytes=5-2").status, 200U);
  EXPECT_EQ(part("lines=1-2").status, 200U);
}

TEST_P(Recordings, stay_closed_without_signature_or_key) {
  auto target = link(1'000);
  EXPECT_EQ(send("GET", target, "", {{"Authorization", ""}}).status, 200U);
  EXPECT_EQ(send("GET", "/recordings/call_1.wav", "", {{"Authorization", ""}}).status, 403U);
  EXPECT_EQ(send("GET", "/recordings/call_1.wav").status, 200U);  // the owner's key
  EXPECT_EQ(send("GET", "/recordings/..%2Fsecret.key").status, 403U);
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(send("GET", target, "", {{"Authorization", ""}}).status, 403U);
  target.back() = target.back() == '0' ? '1' : '0';
  EXPECT_EQ(send("GET", target, "", {{"Authorization", ""}}).status, 403U);
}

TEST(MatchPath, takes_one_segment_for_a_name) {
  std::vector<std::string> parameters;
  EXPECT_TRUE(match_path("/a/{x}/b/{y}", "/a/1/b/2", parameters));
  EXPECT_EQ(parameters, (std::vector<std::string>{"1", "2"}));
  EXPECT_FALSE(match_path("/a/{x}", "/a/1/2", parameters));
  EXPECT_FALSE(match_path("/a/{x}", "/a/", parameters));
  EXPECT_FALSE(match_path("/a", "/a/", parameters));
  EXPECT_TRUE(match_path("/app/*", "/app/x/y.js", parameters));
  EXPECT_EQ(parameters, (std::vector<std::string>{"x/y.js"}));
  EXPECT_FALSE(match_path("/app/*", "/api/x", parameters));
}

RETELL_ON_EVERY_DATABASE(Endpoints);
RETELL_ON_EVERY_DATABASE(Recordings);

}  // namespace
}  // namespace retell::api
