// What this server cannot do yet: a request is checked as if it could, and what is right is refused for good, with the
// reason.
#include "unit/api/endpoints.hpp"

namespace retell::api {
namespace {

class Refusals : public Endpoints {
 protected:
  std::string make_chat_agent() {
    const auto made = run(
        agents.create(organization, of(R"({"response_engine":{"type":"retell-llm","llm_id":")" + make_llm() + "\"}}"),
                      domain::Channel::chat));
    return made->agent_id;
  }
  // A status that clients do not try again, and a message that says what.
  void expect(unsigned status, const std::string& what, const net::HttpResponse& reply) {
    EXPECT_EQ(reply.status, status) << reply.body;
    const auto body = of(reply.body);
    EXPECT_EQ(text(body.at("status")), "error");
    EXPECT_NE(text(body.at("message")).find(what), std::string::npos) << reply.body;
  }
  static constexpr auto not_yet = "not available on this server yet";
};

TEST_P(Refusals, of_analysis_know_whether_there_is_anything_to_analyse) {
  expect(422, "Call call_unknown not found", send("PUT", "/rerun-call-analysis/call_unknown"));
  expect(422, not_yet, send("PUT", "/rerun-call-analysis/" + make_web_call(make_agent()).call_id));
  expect(422, "Chat chat_unknown not found", send("PUT", "/rerun-chat-analysis/chat_unknown"));
  services::ChatRequest request;
  request.agent_id = make_chat_agent();
  const auto chat = text(run(chats.create(organization, request))->at("chat_id"));
  expect(422, not_yet, send("PUT", "/rerun-chat-analysis/" + chat));
}

TEST_P(Refusals, of_chats_by_sms_check_numbers_and_agent) {
  const auto sms = [&](const std::string& more) { return send("POST", "/create-sms-chat", "{" + more + "}"); };
  expect(400, "from_number", sms(R"("to_number":"+14155550100")"));
  expect(400, "to_number", sms(R"("from_number":"+14155550100","to_number":5)"));
  const std::string numbers = R"("from_number":"+14155550100","to_number":"+14155550101")";
  expect(400, "from_number: must be a number in E.164", sms(R"("from_number":"415","to_number":"+14155550101")"));
  expect(422, "Agent agent_unknown not found", sms(numbers + R"(,"override_agent_id":"agent_unknown")"));
  expect(422, not_yet, sms(numbers));
  expect(422, not_yet, sms(numbers + R"(,"override_agent_id":")" + make_chat_agent() + "\""));
}

TEST_P(Refusals, of_batches_check_every_task_and_test) {
  const auto calls = [&](const std::string& tasks) {
    return send("POST", "/create-batch-call", R"({"from_number":"+14155550100","tasks":)" + tasks + "}");
  };
  expect(400, "tasks", calls("5"));
  expect(400, "tasks[1].to_number", calls(R"([{"to_number":"+14155550101"},{"to_number":"x"}])"));
  expect(422, not_yet, calls(R"([{"to_number":"+14155550101"}])"));
  const auto engine = R"("response_engine":{"type":"retell-llm","llm_id":")" + make_llm() + "\"}";
  const auto test = text(of(send("POST", "/create-test-case-definition",
                                 R"({"name":"T","user_prompt":"Ask.","metrics":["Polite."],)" + engine + "}")
                                .body)
                             .at("test_case_definition_id"));
  const auto tests = [&](const std::string& ids) {
    return send("POST", "/create-batch-test", "{" + engine + R"(,"test_case_definition_ids":)" + ids + "}");
  };
  expect(400, "test_case_definition_ids", tests("5"));
  expect(404, "Test case definition test_unknown not found", tests(R"(["test_unknown"])"));
  expect(422, not_yet, tests("[\"" + test + "\"]"));
}

TEST_P(Refusals, of_live_calls_know_whether_they_run) {
  const auto call = make_web_call(make_agent()).call_id;
  expect(422, "Call call_unknown not found", send("POST", "/v2/listen-live-call/call_unknown"));
  expect(422, not_yet, send("POST", "/v2/listen-live-call/" + call));
  expect(400, "participant_id", send("POST", "/v2/take-over-live-call/" + call, "{}"));
  expect(422, "Call call_unknown not found",
         send("POST", "/v2/take-over-live-call/call_unknown", R"({"participant_id":"p"})"));
  expect(422, not_yet, send("POST", "/v2/take-over-live-call/" + call, R"({"participant_id":"p"})"));
  launcher.expected.at(call).on_missed();
  settle();
  expect(422, "is not running", send("POST", "/v2/listen-live-call/" + call));
}

TEST_P(Refusals, of_mcp_tools_know_the_agent_and_ask_for_the_server) {
  expect(422, "Agent agent_unknown not found", send("GET", "/get-mcp-tools/agent_unknown?mcp_id=m"));
  const auto agent = make_agent();
  expect(400, "mcp_id", send("GET", "/get-mcp-tools/" + agent));
  expect(422, not_yet, send("GET", "/get-mcp-tools/" + agent + "?mcp_id=m"));
}

TEST_P(Refusals, of_buying_numbers_come_after_what_is_wrong_with_the_wish) {
  carrier.set_up = false;
  expect(400, "area_code", send("POST", "/create-phone-number", R"({"area_code":4155})"));
  expect(422, "no carrier is configured", send("POST", "/create-phone-number", "{}"));
}

RETELL_ON_EVERY_DATABASE(Refusals);

}  // namespace
}  // namespace retell::api
