// A call's media connection, and requests about the call, come to another process than the one that made it.
#include "services/audit_service.hpp"
#include "unit/services/two_call_services.hpp"

namespace retell::services {
namespace {

class CallsOfTwoNodes : public TwoCallServices {
 protected:
  CallsOfTwoNodes() { serve(); }
  static std::string token_of(const Node& node, const std::string& id) { return node.launcher.expected.at(id).token; }
  bool taken_over(Node& by, const std::string& token) { return run(by.calls.take_over(token)); }
  // The call's media connection has come to this node.
  void begin(Node& node, const std::string& id) {
    node.launcher.running[id] = {};
    node.launcher.expected.at(id).sink(engine::CallStarted{clock.wall()});
  }
  static void end(Node& node, const std::string& id) {
    engine::CallEnded ended;
    ended.reason = engine::EndReason::user_hangup;
    node.launcher.expected.at(id).sink(ended);
  }
  domain::Call seen(Node& node, const std::string& id) { return run(node.calls.get(organization, id)).value(); }
  bool is(domain::CallStatus status, const std::string& id) {
    return seen(first, id).call_status == status && seen(second, id).call_status == status;
  }
};

TEST_F(CallsOfTwoNodes, a_call_goes_to_where_its_media_connection_comes_to) {
  WebCallRequest request;
  request.agent_id = agent;
  request.agent_override = AgentOverride{of(R"({"voice_id":"voice-pt-BR"})").as_object()};
  request.retell_llm_dynamic_variables = domain::TextMap{{"mood", "kind"}};
  const auto id = run(first.calls.create_web_call(organization, std::move(request)))->call_id;
  ASSERT_TRUE(taken_over(second, token_of(first, id)));
  const auto& there = second.launcher.expected.at(id);
  const auto& here = first.launcher.expected.at(id);
  EXPECT_EQ(there.token, here.token);
  EXPECT_EQ(there.plan.dialogue.system_prompt, "Be kind.");
  EXPECT_EQ(there.plan.speech.voice, "vendor-pt-BR");
  EXPECT_EQ(there.plan.tool_signing_key, here.plan.tool_signing_key);
  EXPECT_EQ(there.within, 30s);

  begin(second, id);
  EXPECT_TRUE(until([&] { return is(domain::CallStatus::ongoing, id); }));
  EXPECT_TRUE(until([&] { return first.launcher.forgotten == std::vector{id}; })) << "its vendors are let go there";
  EXPECT_EQ(seen_by(first), 1);
  end(second, id);
  EXPECT_TRUE(until([&] { return is(domain::CallStatus::ended, id); }));
  EXPECT_EQ(seen(first, id).disconnection_reason, domain::DisconnectionReason::user_hangup);
  EXPECT_TRUE(eventually([&] { return seen_by(first) == 0 && seen_by(second) == 0; }));
}

TEST_F(CallsOfTwoNodes, who_made_the_call_does_not_close_it_as_missed) {
  const auto id = call(first)->call_id;
  ASSERT_TRUE(taken_over(second, token_of(first, id)));
  first.launcher.expected.at(id).on_missed();  // before it has read that the call has moved
  begin(second, id);
  EXPECT_TRUE(until([&] { return is(domain::CallStatus::ongoing, id); }));
  pass(600ms);
  EXPECT_TRUE(is(domain::CallStatus::ongoing, id));
}

TEST_F(CallsOfTwoNodes, a_call_that_nobody_joins_is_closed_where_it_is) {
  const auto id = call(first)->call_id;
  const auto token = token_of(first, id);
  ASSERT_TRUE(taken_over(second, token));
  second.launcher.expected.at(id).on_missed();
  EXPECT_TRUE(until([&] { return is(domain::CallStatus::error, id); }));
  EXPECT_EQ(seen(first, id).disconnection_reason, domain::DisconnectionReason::error_user_not_joined);
  EXPECT_FALSE(taken_over(first, token)) << "it is over";
}

TEST_F(CallsOfTwoNodes, only_the_calls_own_token_takes_it_over_once_and_in_time) {
  const auto id = call(first)->call_id;
  const auto token = token_of(first, id);
  auto other = token;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const auto& wrong :
       {std::string(), std::string("x"), id, other, id + "_", "call_unknown" + token.substr(id.size())}) {
    EXPECT_FALSE(taken_over(second, wrong)) << wrong;
  }
  EXPECT_FALSE(taken_over(first, token)) << "it is there already";
  clock.advance(31s);
  EXPECT_FALSE(taken_over(second, token)) << "too late";
  const auto begun = call(first)->call_id;
  begin(first, begun);
  ASSERT_TRUE(until([&] { return is(domain::CallStatus::ongoing, begun); }));
  EXPECT_FALSE(taken_over(second, token_of(first, begun))) << "it runs";
}

TEST_F(CallsOfTwoNodes, stopping_reaches_who_holds_the_call) {
  const auto waits = call(first)->call_id;
  EXPECT_TRUE(run(second.calls.stop(organization, waits)));
  EXPECT_TRUE(until([&] { return seen(second, waits).disconnection_reason.has_value(); }));
  EXPECT_EQ(seen(second, waits).disconnection_reason, domain::DisconnectionReason::manual_stopped);

  const auto runs = call(first)->call_id;
  begin(first, runs);
  ASSERT_TRUE(until([&] { return is(domain::CallStatus::ongoing, runs); }));
  EXPECT_FALSE(run(second.calls.stop("org_other", runs)));
  EXPECT_TRUE(run(second.calls.stop(organization, runs)));
  EXPECT_TRUE(until([&] { return first.launcher.running.at(runs) == engine::EndReason::manual_stop; }));
  EXPECT_EQ(run(second.calls.remove(organization, runs)).error().code, core::ErrorCode::unprocessable);
}

TEST_F(CallsOfTwoNodes, stopping_where_the_call_was_made_reaches_who_has_taken_it_over) {
  const auto id = call(first)->call_id;
  ASSERT_TRUE(taken_over(second, token_of(first, id)));
  EXPECT_TRUE(run(first.calls.stop(organization, id)));  // before it has read that the call has moved
  EXPECT_TRUE(until([&] { return seen(first, id).disconnection_reason.has_value(); }));
  EXPECT_EQ(seen(first, id).disconnection_reason, domain::DisconnectionReason::manual_stopped);

  const auto runs = call(first)->call_id;
  ASSERT_TRUE(taken_over(second, token_of(first, runs)));
  begin(second, runs);
  first.calls.unanswered(runs, domain::DisconnectionReason::manual_stopped);
  EXPECT_TRUE(until([&] { return second.launcher.running.at(runs) == engine::EndReason::manual_stop; }));
}

TEST_F(CallsOfTwoNodes, changes_reach_who_holds_the_call_and_who_takes_it_over) {
  const auto id = call(first)->call_id;
  UpdateCallRequest request;
  request.metadata = of(R"({"by":"second"})");
  EXPECT_EQ(run(second.calls.update(organization, id, request))->metadata, request.metadata);
  EXPECT_TRUE(until([&] { return seen(first, id).metadata == request.metadata; }));
  request.metadata = of(R"({"by":"first"})");
  EXPECT_TRUE(run(first.calls.update(organization, id, request)));
  ASSERT_TRUE(taken_over(second, token_of(first, id)));
  begin(second, id);
  ASSERT_TRUE(until([&] { return is(domain::CallStatus::ongoing, id); }));
  EXPECT_EQ(seen(second, id).metadata, request.metadata);
  request.metadata = of(R"({"by":"first, later"})");
  EXPECT_TRUE(run(first.calls.update(organization, id, request)));
  EXPECT_TRUE(until([&] { return seen(second, id).metadata == request.metadata; }));
  end(second, id);
  EXPECT_TRUE(until([&] { return is(domain::CallStatus::ended, id); }));
  EXPECT_EQ(seen(first, id).metadata, request.metadata);
}

TEST_F(CallsOfTwoNodes, a_change_of_a_running_call_is_shown_by_every_process_from_then_on) {
  const auto id = call(first)->call_id;
  begin(first, id);
  ASSERT_TRUE(until([&] { return is(domain::CallStatus::ongoing, id); }));
  UpdateCallRequest request;
  for (auto* asked : {&first, &second}) {
    request.metadata = json::Object{{"asked", asked == &first ? "who holds it" : "another"}};
    const auto answer = run(asked->calls.update(organization, id, request));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->metadata, request.metadata);
    EXPECT_EQ(seen(first, id).metadata, request.metadata);
    EXPECT_EQ(seen(second, id).metadata, request.metadata);
    EXPECT_EQ(run(second.calls.list(organization, {}))->items.at(0).at("metadata"), request.metadata);
  }
}

// The entry is written by the transaction that stores the change, though another task stores it.
TEST_F(CallsOfTwoNodes, a_change_of_a_running_call_and_its_entry_of_the_audit_log_are_one) {
  AuditService audit{*database, clock};
  const auto id = call(first)->call_id;
  begin(first, id);
  ASSERT_TRUE(until([&] { return is(domain::CallStatus::ongoing, id); }));
  UpdateCallRequest request;
  for (auto* asked : {&first, &second}) {
    request.metadata = json::Object{{"asked", asked == &first ? "who holds it" : "another"}};
    Principal who;
    who.organization_id = organization;
    const auto errand = audit.begin(who, {"PATCH /v2/update-call/{call_id}", id});
    ASSERT_TRUE(run(core::on_errand(errand, asked->calls.update(organization, id, request))));
    EXPECT_TRUE(errand->is_written());
  }
  EXPECT_EQ(run(audit.list(organization, {}))->items.size(), 2U);
}

TEST_F(CallsOfTwoNodes, a_change_at_the_moment_in_which_the_call_ends_is_not_lost) {
  const auto id = call(first)->call_id;
  begin(first, id);
  ASSERT_TRUE(until([&] { return is(domain::CallStatus::ongoing, id); }));
  UpdateCallRequest request;
  request.metadata = of(R"({"note":"late"})");
  end(first, id);
  ASSERT_TRUE(run(first.calls.update(organization, id, request)));
  ASSERT_TRUE(until([&] { return is(domain::CallStatus::ended, id); }));
  EXPECT_EQ(seen(first, id).metadata, request.metadata);
  EXPECT_EQ(seen(first, id).disconnection_reason, domain::DisconnectionReason::user_hangup);
}

TEST_F(CallsOfTwoNodes, what_the_carrier_says_reaches_who_holds_the_call) {
  PhoneCallRequest request{.from_number = "+14155550100", .to_number = "+14155550101"};
  request.override_agent_id = agent;
  import_number(organization, request.from_number);
  const auto made = run(first.calls.create_phone_call(organization, request));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(seen(second, made->call_id).telephony_identifier->twilio_call_sid, "CA123");
  second.calls.unanswered(made->call_id, domain::DisconnectionReason::dial_busy);
  EXPECT_TRUE(until([&] { return seen(second, made->call_id).disconnection_reason.has_value(); }));
  EXPECT_EQ(seen(second, made->call_id).disconnection_reason, domain::DisconnectionReason::dial_busy);
}

TEST_F(CallsOfTwoNodes, a_call_survives_the_process_that_made_it_while_it_waits) {
  const auto id = call(first)->call_id;
  const auto token = token_of(first, id);
  first.calls.close();
  first.stop.emit(boost::asio::cancellation_type::terminal);
  ASSERT_TRUE(taken_over(second, token));
  begin(second, id);
  EXPECT_TRUE(until([&] { return seen(second, id).call_status == domain::CallStatus::ongoing; }));
  clock.advance(1s);
  Node restarted(*this, "node_1");
  EXPECT_EQ(run(restarted.calls.close_abandoned()).value(), 0) << "it is no longer that one's";
}

}  // namespace
}  // namespace retell::services
