#include <gtest/gtest.h>

#include <fstream>

#include "crypto/retell_signature.hpp"
#include "services/call_record.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using Role = engine::Utterance::Role;

class Calls : public ServicesFixture {
 protected:
  engine::CallEnded ended(engine::EndReason reason = engine::EndReason::user_hangup) {
    engine::CallEnded event;
    event.started = clock.wall();
    event.ended = clock.wall() + 12'300ms;
    event.reason = reason;
    event.transcript = {{.role = Role::agent, .content = "Hi", .words = {{"Hi", 0.5, 0.75}}},
                        {.role = Role::user, .content = "Bye"},
                        {.role = Role::tool_call_invocation,
                         .content = "",
                         .tool_call_id = "t1",
                         .name = "end_call",
                         .arguments = "{}"},
                        {.role = Role::tool_call_result, .content = "ok", .tool_call_id = "t1"}};
    event.latencies = {{.turn = 1, .heard_ms = 700, .model_first_token_ms = 300}, {.turn = 2, .heard_ms = 900}};
    return event;
  }
  json::Value event_of(const net::ClientRequest& request) { return of(request.body); }
};

TEST_P(Calls, web_call_is_kept_ready_with_the_whole_plan) {
  const auto agent = make_agent(R"(,"voice_speed":1.5,"language":"pt-BR","responsiveness":0.5)");
  WebCallRequest request;
  request.agent_id = agent;
  request.retell_llm_dynamic_variables = domain::TextMap{{"mood", "kind"}};
  const auto call = run(calls.create_web_call(organization, std::move(request)));
  ASSERT_TRUE(call.has_value()) << call.error().message;
  EXPECT_EQ(call->access_token, launcher.expected.at(call->call_id).token);
  EXPECT_EQ(call->call_status, domain::CallStatus::registered);
  const auto& expected = launcher.expected.at(call->call_id);
  EXPECT_EQ(expected.within, 30s);
  EXPECT_EQ(expected.plan.dialogue.system_prompt, "Be kind.");
  EXPECT_EQ(expected.plan.speech.voice, "vendor-en-US");
  EXPECT_EQ(expected.plan.speech.speed, 1.5);
  EXPECT_EQ(expected.plan.language, "pt-BR");
  EXPECT_EQ(expected.plan.turns.responsiveness, 0.5);
  EXPECT_EQ(expected.plan.turns.max_call_duration, 3'600s);
  EXPECT_EQ(expected.plan.tool_signing_key, key);
  EXPECT_TRUE(expected.plan.recording_path.ends_with(call->call_id + ".wav"));
  EXPECT_EQ(run(calls.get(organization, call->call_id))->call_id, call->call_id);
  EXPECT_EQ(run(calls.get("org_other", call->call_id)).error().code, core::ErrorCode::unprocessable);
}

TEST_P(Calls, are_told_with_numbers_that_every_json_printer_writes_alike) {
  domain::Call call;
  auto event = ended();
  event.transcript[0].words = {{"Hi", 0.000112171, 0.47111217099999997}};
  event.latencies = {{.turn = 1, .heard_ms = 700.123456}, {.turn = 2}, {.turn = 3}};
  event.prompt_tokens = 100;
  finish_call(call, event);
  EXPECT_EQ(json::dump(json::write(*call.transcript_object)),
            R"([{"role":"agent","content":"Hi","words":[{"word":"Hi","start":0,"end":0.471}]},)"
            R"({"role":"user","content":"Bye","words":[]}])");
  EXPECT_EQ(json::dump(call.transcript_with_tool_calls->at(0).at("words")), R"([{"word":"Hi","start":0,"end":0.471}])");
  EXPECT_EQ(call.llm_token_usage->average, 33.33);
  EXPECT_EQ(call.latency->e2e->p50, 700.1);
}

TEST_P(Calls, overrides_apply_to_one_call_only) {
  const auto agent = make_agent();
  WebCallRequest request;
  request.agent_id = agent;
  request.agent_override = AgentOverride{of(R"({"voice_id":"voice-pt-BR"})").as_object(),
                                         of(R"({"begin_message":"Olá {{current_hour}}","model":"gpt-5"})").as_object()};
  config.providers.llm_models["gpt-5"] = "openai:mine";
  const auto call = run(calls.create_web_call(organization, std::move(request)));
  ASSERT_TRUE(call.has_value()) << call.error().message;
  const auto& plan = launcher.expected.at(call->call_id).plan;
  EXPECT_EQ(plan.speech.voice, "vendor-pt-BR");
  EXPECT_EQ(plan.dialogue.vendor.name, "openai");
  EXPECT_EQ(plan.dialogue.vendor.model, "mine");
  EXPECT_TRUE(plan.dialogue.begin_message->starts_with("Olá "));
  EXPECT_EQ(plan.dialogue.begin_message->find("{{"), std::string::npos);
  EXPECT_EQ(run(agents.get(organization, agent, {}))->settings.voice_id, "voice-en-US");
}

TEST_P(Calls, an_override_that_is_wrong_is_named_by_its_place_in_the_request) {
  WebCallRequest request;
  request.agent_id = make_agent();
  request.agent_override = AgentOverride{of(R"({"volume":9})").as_object()};
  const auto call = run(calls.create_web_call(organization, std::move(request)));
  ASSERT_FALSE(call.has_value());
  EXPECT_EQ(call.error().field, "agent_override.agent.volume");
  EXPECT_TRUE(call.error().message.starts_with("agent_override.agent: volume: ")) << call.error().message;
}

TEST_P(Calls, null_removes_what_was_attached) {
  const auto id = make_web_call(make_agent()).call_id;
  const auto update = [&](std::string_view body) {
    return *run(calls.update(organization, id, *read_update_call(of(body))));
  };
  const auto set = update(R"({"metadata":{"a":1},"custom_attributes":{"b":true}})");
  EXPECT_TRUE(set.metadata && set.custom_attributes);
  const auto kept = update("{}");
  EXPECT_TRUE(kept.metadata && kept.custom_attributes);
  const auto removed = update(R"({"metadata":null,"custom_attributes":null})");
  EXPECT_FALSE(removed.metadata || removed.custom_attributes);
}

TEST_P(Calls, stay_within_the_limit) {
  const auto agent = make_agent();
  for (int i = 0; i < 3; ++i) make_web_call(agent);
  EXPECT_EQ(run(calls.concurrency(organization)).value(), 3);
  WebCallRequest request;
  request.agent_id = agent;
  EXPECT_EQ(run(calls.create_web_call(organization, request)).error().code, core::ErrorCode::rate_limited);
  EXPECT_EQ(run(calls.concurrency(organization)).value(), 3);
  launcher.expected.begin()->second.sink(ended());
  settle();
  EXPECT_EQ(run(calls.concurrency(organization)).value(), 2);
  EXPECT_TRUE(run(calls.create_web_call(organization, request)).has_value());
}

TEST_P(Calls, are_not_made_while_the_server_goes_down) {
  WebCallRequest request;
  request.agent_id = make_agent();
  launcher.open = false;
  EXPECT_EQ(run(calls.create_web_call(organization, request)).error().code, core::ErrorCode::unavailable);
  EXPECT_EQ(run(calls.incoming_for(organization, request.agent_id, "+1", "+2", "")).error().error.code,
            core::ErrorCode::unavailable);
  EXPECT_TRUE(launcher.expected.empty());
}

TEST_P(Calls, records_say_what_happened) {
  const auto agent = make_agent();
  const auto call = make_web_call(agent);
  const auto& expected = launcher.expected.at(call.call_id);
  std::ofstream(expected.plan.recording_path) << "RIFF";
  expected.sink(engine::CallStarted{clock.wall()});
  expected.sink(engine::TranscriptUpdated{{{.role = Role::agent, .content = "Hi"}}});
  auto end = ended();
  end.recording_path = expected.plan.recording_path;
  end.prompt_tokens = 90;
  end.completion_tokens = 10;
  expected.sink(end);
  settle();
  const auto record = run(calls.get(organization, call.call_id)).value();
  EXPECT_EQ(record.call_status, domain::CallStatus::ended);
  EXPECT_EQ(record.disconnection_reason, domain::DisconnectionReason::user_hangup);
  EXPECT_EQ(record.duration_ms, 12'300);
  EXPECT_EQ(record.transcript, "Agent: Hi\nUser: Bye\n");
  EXPECT_EQ(record.transcript_object->size(), 2U);
  EXPECT_EQ(record.transcript_with_tool_calls->size(), 4U);
  EXPECT_EQ(record.latency->e2e->p50, 800);
  EXPECT_EQ(record.latency->llm->num, 1);
  EXPECT_EQ(json::dump(record.latency->unknown.at("turns").at(0)),
            R"({"turn":1,"heard_ms":700,"model_first_token_ms":300})");
  EXPECT_EQ(record.llm_token_usage->average, 50);
  EXPECT_TRUE(record.call_analysis->call_successful.value());
  const auto& url = record.recording_url.value();
  EXPECT_TRUE(url.starts_with("https://voice.example.com/recordings/" + call.call_id + ".wav?expires=0&signature="));
  EXPECT_EQ(run(recordings.read(call.call_id + ".wav", 0, 10)).value(), "RIFF");
  ASSERT_TRUE(run(calls.remove(organization, call.call_id)));
  EXPECT_FALSE(run(recordings.size(call.call_id + ".wav")).has_value());
}

TEST_P(Calls, webhooks_are_signed_ordered_and_canonical) {
  const auto call = make_web_call(make_agent());
  const auto& sink = launcher.expected.at(call.call_id).sink;
  sink(engine::CallStarted{clock.wall()});
  sink(ended());
  settle();
  EXPECT_EQ(run(webhooks.run_due()), 3);
  ASSERT_EQ(sent.size(), 3U);
  const std::vector<std::string> order = {"call_started", "call_ended", "call_analyzed"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(event_of(sent[i]).at("event").as_string(), order[i]);
    EXPECT_EQ(sent[i].url, "https://example.com/hook");
    EXPECT_EQ(sent[i].reach, net::Reach::public_only);
    EXPECT_EQ(json::dump(event_of(sent[i])), sent[i].body);  // what a receiver re-serialises is what was signed
    EXPECT_TRUE(crypto::verify_retell(sent[i].body, key, *sent[i].headers.get("X-Retell-Signature"),
                                      core::epoch_ms(clock.wall())));
  }
  EXPECT_FALSE(event_of(sent[1]).at("call").as_object().contains("call_analysis"));
  EXPECT_TRUE(event_of(sent[2]).at("call").as_object().contains("call_analysis"));
  EXPECT_EQ(run(webhooks.run_due()), 0);
}

TEST_P(Calls, webhooks_that_fail_are_tried_four_times) {
  const auto call = make_web_call(make_agent(R"(,"webhook_events":["call_ended"],"webhook_timeout_ms":1234)"));
  launcher.expected.at(call.call_id).sink(ended());
  settle();
  answer = 500;
  for (const auto wait : {0s, 1s, 5s, 30s}) {
    clock.advance(wait);
    EXPECT_EQ(run(webhooks.run_due()), 1);
    EXPECT_EQ(run(webhooks.run_due()), 0);
  }
  EXPECT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0].first_byte_timeout, 1'234ms);
  EXPECT_EQ(run(storage::WebhookStore(*database).count(storage::DeliveryState::failed)).value(), 1);
}

TEST_P(Calls, that_nobody_joins_end_as_such) {
  const auto call = make_web_call(make_agent());
  launcher.expected.at(call.call_id).on_missed();
  settle();
  const auto record = run(calls.get(organization, call.call_id)).value();
  EXPECT_EQ(record.call_status, domain::CallStatus::error);
  EXPECT_EQ(record.disconnection_reason, domain::DisconnectionReason::error_user_not_joined);
  EXPECT_EQ(run(calls.concurrency(organization)).value(), 0);
}

TEST_P(Calls, outbound_calls_are_dialled_by_the_carrier) {
  const auto agent = make_agent(R"(,"ring_duration_ms":20000)");
  PhoneCallRequest request;
  request.from_number = "+14155550100";
  request.to_number = "+14155550199";
  request.override_agent_id = agent;
  EXPECT_EQ(run(calls.create_phone_call(organization, request)).error().field, "from_number") << "nobody's number";
  import_number(organization, request.from_number);
  request.override_agent_id.reset();
  EXPECT_EQ(run(calls.create_phone_call(organization, request)).error().field, "from_number") << "without an agent";
  request.override_agent_id = agent;
  const auto call = run(calls.create_phone_call(organization, request));
  ASSERT_TRUE(call.has_value()) << call.error().message;
  EXPECT_EQ(call->telephony_identifier->twilio_call_sid, "CA123");
  EXPECT_FALSE(call->access_token.has_value());
  ASSERT_EQ(launcher.dialled.size(), 1U);
  EXPECT_EQ(launcher.dialled[0].token, launcher.expected.at(call->call_id).token);
  EXPECT_EQ(launcher.dialled[0].ring, 20s);
  EXPECT_EQ(launcher.expected.at(call->call_id).plan.dynamic_variables.at("user_number"), "+14155550199");
  calls.unanswered(call->call_id, domain::DisconnectionReason::dial_busy);
  settle();
  EXPECT_EQ(launcher.forgotten, std::vector<std::string>{call->call_id});
  const auto record = run(calls.get(organization, call->call_id)).value();
  EXPECT_EQ(record.call_status, domain::CallStatus::not_connected);
  EXPECT_EQ(record.telephony_identifier->twilio_call_sid, "CA123");
}

TEST_P(Calls, are_not_made_from_a_number_of_another_workspace) {
  PhoneCallRequest request{.from_number = "+14155550100", .to_number = "+14155550199"};
  request.override_agent_id = make_agent();
  import_number(run(workspaces.create("Other", "")).value().id, request.from_number);
  const auto made = run(calls.create_phone_call(organization, request));
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(made.error().field, "from_number");
  EXPECT_TRUE(launcher.dialled.empty());
  EXPECT_TRUE(run(calls.list(organization, {})).value().items.empty());
}

TEST_P(Calls, that_the_carrier_could_not_place_were_made_once_and_say_why) {
  launcher.dial_failure = DialFailure{{core::ErrorCode::unavailable, "Twilio answered 503"},
                                      domain::DisconnectionReason::telephony_provider_unavailable};
  PhoneCallRequest request{.from_number = "+14155550100", .to_number = "+14155550199"};
  request.override_agent_id = make_agent();
  import_number(organization, request.from_number);
  const auto made = run(calls.create_phone_call(organization, request));
  ASSERT_TRUE(made.has_value()) << "a client would ask again: " << made.error().message;
  settle();
  const auto record = run(calls.get(organization, made->call_id)).value();
  EXPECT_EQ(record.call_status, domain::CallStatus::not_connected);
  EXPECT_EQ(record.disconnection_reason, domain::DisconnectionReason::telephony_provider_unavailable);
  EXPECT_EQ(launcher.forgotten, std::vector<std::string>{made->call_id});
  EXPECT_EQ(run(calls.concurrency(organization)).value(), 0);
}

TEST_P(Calls, without_a_carrier_are_refused_and_closed) {
  launcher.dial_failure = DialFailure{.error = {core::ErrorCode::unprocessable, "no carrier"}};
  PhoneCallRequest request;
  request.from_number = "+14155550100";
  request.to_number = "+14155550199";
  request.override_agent_id = make_agent();
  import_number(organization, request.from_number);
  EXPECT_EQ(run(calls.create_phone_call(organization, request)).error().code, core::ErrorCode::unprocessable);
  settle();
  const auto page = run(calls.list(organization, {})).value();
  EXPECT_EQ(page.items.at(0).at("disconnection_reason").as_string(), "dial_failed");
  EXPECT_EQ(run(calls.concurrency(organization)).value(), 0);
}

TEST_P(Calls, that_come_in_reach_the_agent_of_their_number) {
  const auto agent = make_agent();
  ASSERT_TRUE(run(numbers.import(
      organization,
      of(R"({"phone_number":"+14155550100","inbound_agents":[{"agent_id":")" + agent + R"(","weight":1}]})"), seal)));
  const auto call = run(calls.incoming("+14155550199", "+14155550100", "CA9"));
  ASSERT_TRUE(call.has_value()) << call.error().error.message;
  EXPECT_EQ(call->token, launcher.expected.at(call->call_id).token);
  const auto record = run(calls.get(organization, call->call_id)).value();
  EXPECT_EQ(record.direction, domain::Direction::inbound);
  EXPECT_EQ(record.agent_id, agent);
  EXPECT_EQ(run(calls.incoming("+14155550199", "+14155550777", "CA9")).error().error.code, core::ErrorCode::not_found);
}

TEST_P(Calls, can_be_stopped_while_they_wait_and_while_they_run) {
  const auto agent = make_agent();
  const auto waiting = make_web_call(agent);
  const auto running = make_web_call(agent);
  launcher.running[running.call_id] = engine::EndReason::error_unknown;
  EXPECT_FALSE(run(calls.stop("org_other", running.call_id)).has_value());
  EXPECT_FALSE(run(calls.remove(organization, running.call_id)).has_value());
  ASSERT_TRUE(run(calls.stop(organization, running.call_id)));
  EXPECT_EQ(launcher.running[running.call_id], engine::EndReason::manual_stop);
  ASSERT_TRUE(run(calls.stop(organization, waiting.call_id)));
  settle();
  const auto record = run(calls.get(organization, waiting.call_id)).value();
  EXPECT_EQ(record.disconnection_reason, domain::DisconnectionReason::manual_stopped);
  EXPECT_TRUE(run(calls.stop(organization, waiting.call_id)).has_value());
  EXPECT_EQ(run(calls.stop(organization, "call_x")).error().code, core::ErrorCode::unprocessable);
}

TEST_P(Calls, keep_only_the_basics_when_told_so) {
  const auto call = make_web_call(make_agent(R"(,"data_storage_setting":"basic_attributes_only")"));
  EXPECT_TRUE(launcher.expected.at(call.call_id).plan.recording_path.empty());
  launcher.expected.at(call.call_id).sink(ended());
  settle();
  const auto record = run(calls.get(organization, call.call_id)).value();
  EXPECT_FALSE(record.transcript.has_value());
  EXPECT_FALSE(record.transcript_with_tool_calls.has_value());
  EXPECT_EQ(record.duration_ms, 12'300);
}

TEST_P(Calls, can_be_annotated_and_their_storage_only_tightened) {
  const auto call = make_web_call(make_agent());
  UpdateCallRequest request;
  request.metadata = of(R"({"a":1})");
  request.data_storage_setting = domain::DataStorage::everything_except_pii;
  EXPECT_TRUE(run(calls.update(organization, call.call_id, request)).has_value());
  request.data_storage_setting = domain::DataStorage::everything;
  EXPECT_EQ(run(calls.update(organization, call.call_id, request)).error().field, "data_storage_setting");
  launcher.expected.at(call.call_id).sink(ended());
  settle();
  EXPECT_EQ(json::dump(run(calls.get(organization, call.call_id))->metadata.value()), R"({"a":1})");
}

TEST_P(Calls, left_open_by_a_crash_are_closed_at_the_next_start) {
  const auto call = make_web_call(make_agent());
  std::ofstream(launcher.expected.at(call.call_id).plan.recording_path) << "RIFF";
  clock.advance(1s);
  CallService next({*database, agents, llms, voices, keys, numbers, webhooks, recordings, launcher, config, clock,
                    workspaces, inbound, registry},
                   io.get_executor(), {});
  EXPECT_EQ(run(next.close_abandoned()).value(), 1);
  const auto record = run(next.get(organization, call.call_id)).value();
  EXPECT_EQ(record.call_status, domain::CallStatus::error);
  EXPECT_TRUE(record.recording_url.has_value());
  EXPECT_EQ(run(recordings.read(call.call_id + ".wav", 0, 9)).value(), "RIFF");
  EXPECT_EQ(run(webhooks.run_due()), 2);
  EXPECT_EQ(event_of(sent.at(0)).at("event").as_string(), "call_ended");
  EXPECT_EQ(run(next.close_abandoned()).value(), 0);
}

TEST_P(Calls, are_refused_where_the_agent_has_what_cannot_be_run) {
  const auto agent = make_agent();
  const auto llm_id =
      std::get<domain::RetellLlmEngine>(run(agents.get(organization, agent, {}))->settings.response_engine).llm_id;
  const auto refused = [&](std::string_view settings) {
    EXPECT_TRUE(run(llms.update(organization, llm_id, {}, of(settings)))) << settings;
    WebCallRequest request;
    request.agent_id = agent;
    const auto made = run(calls.create_web_call(organization, std::move(request)));
    if (!made) EXPECT_EQ(made.error().code, core::ErrorCode::unprocessable);
    return made ? "" : made.error().message;
  };
  const std::string transfer =
      R"([{"type":"end_call","name":"bye"},{"type":"transfer_call","name":"t","transfer_destination":{"type":"predefined","number":"+14155550100"},"transfer_option":{"type":"cold_transfer"}}])";
  EXPECT_EQ(refused(R"({"general_tools":)" + transfer + "}"),
            "general_tools[1]: tools of type transfer_call are not available on this server yet");
  EXPECT_EQ(refused(R"({"general_tools":[{"type":"end_call","name":"bye"}]})"), "");
  EXPECT_EQ(refused(R"({"mcps":[{"name":"m","url":"https://example.com/mcp"}]})"),
            "mcps: tools of MCP servers are not available on this server yet");
  EXPECT_EQ(refused(R"({"mcps":[]})"), "");
  EXPECT_EQ(refused(R"({"states":[{"name":"a"}],"starting_state":"a"})"), "");
  EXPECT_EQ(refused(R"({"states":[{"name":"a"},{"name":"b"}],"starting_state":"a"})"),
            "states: agents with more than one state are not available on this server yet");
}

TEST(CallRequests, that_begin_in_the_middle_are_refused) {
  EXPECT_TRUE(read_web_call(json::parse(R"({"agent_id":"a","current_state":null})").value()));
  const auto refused = read_web_call(json::parse(R"({"agent_id":"a","current_state":"b"})").value());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(refused.error().field, "current_state");
}

TEST(CallRequests, check_numbers_and_sizes) {
  const auto call = read_phone_call(json::parse(R"({"from_number":"123","to_number":"+14155550100"})").value());
  EXPECT_EQ(call.error().field, "from_number");
  EXPECT_TRUE(
      read_phone_call(json::parse(R"({"from_number":"123","to_number":"x","ignore_e164_validation":true})").value())
          .has_value());
  const json::Value big = json::Object{{"agent_id", "a"}, {"metadata", std::string(50'001, 'x')}};
  EXPECT_EQ(read_web_call(big).error().field, "metadata");
  EXPECT_EQ(
      read_web_call(json::parse(R"({"agent_id":"a","retell_llm_dynamic_variables":{"n":5}})").value()).error().field,
      "retell_llm_dynamic_variables.n");
  EXPECT_EQ(version_text(VersionReference(3.0)), "3");
  EXPECT_EQ(version_text(VersionReference(std::string("prod"))), "prod");
}

TEST(CallRecord, maps_every_way_a_call_can_end) {
  using engine::EndReason;
  EXPECT_EQ(to_reason(EndReason::manual_stop), domain::DisconnectionReason::manual_stopped);
  EXPECT_EQ(to_reason(EndReason::error_stt), domain::DisconnectionReason::error_asr);
  EXPECT_EQ(to_reason(EndReason::server_shutdown), domain::DisconnectionReason::agent_hangup);
  EXPECT_EQ(to_reason(EndReason::inactivity), domain::DisconnectionReason::inactivity);
}

RETELL_ON_EVERY_DATABASE(Calls);

}  // namespace
}  // namespace retell::services
