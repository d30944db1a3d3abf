#include <gtest/gtest.h>

#include "crypto/seal.hpp"
#include "services/version_choice.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using Kind = storage::VersionChoice::Kind;

class Agents : public ServicesFixture {};

TEST_P(Agents, must_refer_to_things_that_exist) {
  const auto no_voice = run(agents.create(
      organization, of(R"({"response_engine":{"type":"retell-llm","llm_id":"llm_x"},"voice_id":"nobody"})")));
  EXPECT_EQ(no_voice.error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(no_voice.error().field, "voice_id");
  const auto no_llm = run(agents.create(
      organization, of(R"({"response_engine":{"type":"retell-llm","llm_id":"llm_x"},"voice_id":"voice-en-US"})")));
  EXPECT_EQ(no_llm.error().field, "response_engine.llm_id");
  EXPECT_EQ(run(agents.get(organization, "agent_x", {})).error().code, core::ErrorCode::unprocessable);
}

TEST_P(Agents, have_only_voices_that_exist_to_fall_back_on) {
  const auto id = make_agent();
  const auto refused = run(agents.update(organization, id, {}, of(R"({"fallback_voice_ids":["voice-pt-BR","nope"]})")));
  EXPECT_EQ(refused.error().message, "fallback_voice_ids[1]: Voice nope not found");
  EXPECT_EQ(refused.error().code, core::ErrorCode::unprocessable);
  EXPECT_TRUE(run(agents.update(organization, id, {}, of(R"({"fallback_voice_ids":["voice-pt-BR"]})"))));
}

// A voice's vendor that is down takes all its voices with it.
TEST_P(Agents, fall_back_on_another_vendor) {
  auto twin = voices.find("voice-en-US").value();
  twin.voice.voice_id = "twin";
  voices.add(std::move(twin));
  const auto id = make_agent();
  const auto update = [&](const char* body) { return run(agents.update(organization, id, {}, of(body))); };
  EXPECT_EQ(update(R"({"fallback_voice_ids":["voice-pt-BR","voice-en-US"]})").error().message,
            "fallback_voice_ids[1]: must be a voice of another provider than voice_id's, for when that one is down; "
            "voice-en-US is of local-en-US, too");
  EXPECT_EQ(update(R"({"fallback_voice_ids":["twin"]})").error().field, "fallback_voice_ids[0]");
  ASSERT_TRUE(update(R"({"fallback_voice_ids":["voice-pt-BR"]})"));
  EXPECT_EQ(update(R"({"voice_id":"voice-pt-BR"})").error().field, "fallback_voice_ids[0]");
  EXPECT_TRUE(update(R"({"voice_id":"voice-pt-BR","fallback_voice_ids":["twin"]})"));
}

TEST_P(Agents, and_their_engines_say_which_version_is_missing) {
  const auto id = make_agent();
  const auto message = [&](storage::VersionChoice version) {
    return run(agents.view(organization, id, std::move(version))).error().message;
  };
  EXPECT_EQ(message({Kind::exact, 7}), "Agent " + id + " has no version 7");
  EXPECT_EQ(message({Kind::latest_published}), "Agent " + id + " has no published version");
  EXPECT_EQ(message({Kind::tag, 0, "prod"}), "Agent " + id + " has no version tagged prod");
  EXPECT_EQ(run(agents.get(organization, "agent_x", {Kind::exact, 7})).error().message, "Agent agent_x not found");
  const auto llm = make_llm("{}");
  EXPECT_EQ(run(llms.get(organization, llm, {Kind::exact, 3})).error().message,
            "Retell LLM " + llm + " has no version 3");
  const auto engine = run(agents.update(
      organization, id, {}, of(R"({"response_engine":{"type":"retell-llm","llm_id":")" + llm + R"(","version":9}})")));
  EXPECT_EQ(engine.error().message, "Retell LLM " + llm + " has no version 9");
  EXPECT_EQ(engine.error().field, "response_engine.version");
}

TEST_P(Agents, llms_name_only_what_exists) {
  const auto problem = [&](const std::string& body) {
    const auto made = run(llms.create(organization, of(body)));
    return made ? "" : made.error().message;
  };
  const auto swap = [](const std::string& agent) {
    return R"({"general_tools":[{"type":"agent_swap","name":"s","agent_id":")" + agent +
           R"(","post_call_analysis_setting":"both_agents"}]})";
  };
  EXPECT_EQ(problem(R"({"knowledge_base_ids":["kb_none"]})"),
            "knowledge_base_ids[0]: names no knowledge base of this account");
  EXPECT_EQ(problem(swap("agent_none")), "general_tools[0].agent_id: names no agent of this account");
  const auto agent = make_agent();
  const auto made = run(llms.create(organization, of(swap(agent))));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_FALSE(run(llms.create("org_other", of(swap(agent)))).has_value());
  // What has gone since does not stand in the way of another change.
  ASSERT_TRUE(run(agents.remove(organization, agent)));
  EXPECT_TRUE(run(llms.update(organization, made->llm_id, {}, of(R"({"general_prompt":"new"})"))));
  EXPECT_FALSE(run(llms.update(organization, made->llm_id, {}, of(swap(agent)))));
}

TEST_P(Agents, drafts_change_and_published_versions_do_not) {
  const auto id = make_agent();
  const auto updated = run(agents.update(organization, id, {}, of(R"({"agent_name":"Bea"})")));
  EXPECT_EQ(agent_name(*updated), "Bea");
  EXPECT_EQ(updated->version, 0);
  ASSERT_TRUE(run(versions.publish(organization, id, {.version = 0, .version_title = "One"})));
  const auto frozen = run(agents.update(organization, id, {}, of(R"({"agent_name":"Cleo"})")));
  EXPECT_EQ(frozen.error().code, core::ErrorCode::precondition);
  EXPECT_EQ(run(agents.get(organization, id, {}))->settings.version_title, "One");
  EXPECT_EQ(run(versions.publish(organization, id, {.version = 5})).error().code, core::ErrorCode::not_found);
}

TEST_P(Agents, are_shown_as_they_are_now_however_often_they_were_shown_before) {
  const auto id = make_agent();
  using domain::Channel;
  const auto shown = [&] { return run(agents.shown(organization, id, {}, Channel::voice)).value(); };
  const auto as_viewed = [&] { return json::dump(to_json(*run(agents.view(organization, id, {})))); };
  EXPECT_EQ(shown(), as_viewed());
  EXPECT_EQ(shown(), as_viewed());
  ASSERT_TRUE(run(agents.update(organization, id, {}, of(R"({"agent_name":"Bea"})"))));
  EXPECT_EQ(json::parse(shown())->at("agent_name"), "Bea");
  ASSERT_TRUE(run(versions.publish(organization, id, {.version = 0})));
  ASSERT_TRUE(run(versions.set_tag(organization, id, "prod", {0})));
  EXPECT_EQ(json::parse(shown())->at("assigned_tags").at(0), "prod");
  EXPECT_EQ(shown(), as_viewed());
  EXPECT_EQ(run(agents.shown(organization, id, {}, Channel::chat)).error().message, "Agent " + id + " not found");
  EXPECT_FALSE(run(agents.shown("org_other", id, {}, Channel::voice)).has_value());
  ASSERT_TRUE(run(agents.remove(organization, id)));
  EXPECT_EQ(run(agents.shown(organization, id, {}, Channel::voice)).error().code, core::ErrorCode::unprocessable);
}

TEST_P(Agents, of_a_call_that_starts_are_as_new_as_their_last_change) {
  const auto id = make_agent();
  const auto name = [&] { return run(agents.snapshot(organization, id, {}))->settings.agent_name; };
  EXPECT_EQ(name(), "Ann");
  EXPECT_EQ(name(), "Ann");
  ASSERT_TRUE(run(agents.update(organization, id, {}, of(R"({"agent_name":"Bea"})"))));
  EXPECT_EQ(name(), "Bea");
}

TEST_P(Agents, publishing_freezes_the_words_too) {
  const auto id = make_agent();
  ASSERT_TRUE(run(versions.publish(organization, id, {.version = 0})));
  const auto published = run(agents.get(organization, id, {Kind::latest_published}));
  const auto engine = std::get<domain::RetellLlmEngine>(published->settings.response_engine);
  EXPECT_EQ(engine.version, 0);
  EXPECT_EQ(run(llms.update(organization, engine.llm_id, {}, of(R"({"general_prompt":"new"})"))).error().code,
            core::ErrorCode::invalid);
  const auto draft = run(versions.create(organization, id, 0));
  ASSERT_TRUE(draft.has_value()) << draft.error().message;
  EXPECT_EQ(draft->version, 1);
  EXPECT_EQ(draft->base_version, 0);
  EXPECT_EQ(draft->settings.at("response_engine").at("version").as_int64(), 1);
  ASSERT_TRUE(run(llms.update(organization, engine.llm_id, {}, of(R"({"general_prompt":"new"})"))));
  EXPECT_EQ(run(llms.get(organization, engine.llm_id, {Kind::exact, 0}))->settings.general_prompt, "Be {{mood}}.");
  EXPECT_EQ(run(llms.update(organization, engine.llm_id, {Kind::exact, 0}, of("{}"))).error().message,
            "Retell LLM " + engine.llm_id +
                ": version 0 is published and cannot be changed; create a new version of an agent that uses it "
                "(create-agent-version), which gets a draft of its own");
}

TEST_P(Agents, of_older_clients_publish_and_go_on_editing) {
  const auto id = make_agent();
  ASSERT_TRUE(run(versions.publish_latest(organization, id)));
  EXPECT_EQ(run(agents.update(organization, id, {}, of(R"({"agent_name":"Dora"})")))->version, 1);
  EXPECT_EQ(run(agents.get(organization, id, {Kind::latest_published}))->settings.agent_name, "Ann");
}

TEST_P(Agents, versions_can_be_deleted_but_the_last) {
  const auto id = make_agent();
  EXPECT_EQ(run(versions.remove(organization, id, 0)).error().code, core::ErrorCode::invalid);
  ASSERT_TRUE(run(versions.create(organization, id, 0)));
  ASSERT_TRUE(run(versions.remove(organization, id, 0)));
  EXPECT_EQ(run(versions.remove(organization, id, 0)).error().code, core::ErrorCode::not_found);
  EXPECT_EQ(run(versions.list(organization, id))->size(), 1U);
  ASSERT_TRUE(run(agents.remove(organization, id)));
  EXPECT_FALSE(run(agents.get(organization, id, {})).has_value());
}

TEST_P(Agents, belong_to_their_organisation) {
  const auto id = make_agent();
  EXPECT_FALSE(run(agents.get("org_other", id, {})).has_value());
  EXPECT_FALSE(run(agents.update("org_other", id, {}, of("{}"))).has_value());
  EXPECT_FALSE(run(agents.remove("org_other", id)).has_value());
  EXPECT_TRUE(run(agents.list("org_other", {}, ""))->items.empty());
  EXPECT_EQ(run(agents.list(organization, {}, "aNN"))->items.size(), 1U);
  EXPECT_TRUE(run(agents.list(organization, {}, "zed"))->items.empty());
}

TEST_P(Agents, keep_their_llm_from_being_deleted) {
  const auto id = make_agent();
  const auto agent = run(agents.get(organization, id, {}));
  const auto llm = std::get<domain::RetellLlmEngine>(agent->settings.response_engine).llm_id;
  EXPECT_EQ(run(llms.remove(organization, llm, false)).error().code, core::ErrorCode::invalid);
  ASSERT_TRUE(run(llms.remove(organization, llm, true)));
  EXPECT_EQ(run(llms.remove(organization, llm, true)).error().code, core::ErrorCode::unprocessable);
}

TEST_P(Agents, are_found_by_their_environments_tag) {
  const auto id = make_agent();
  ASSERT_TRUE(run(versions.publish(organization, id, {.version = 0})));
  ASSERT_TRUE(run(versions.create(organization, id, 0)));
  const auto tagged = run(versions.set_tag(organization, id, "prod", {0, domain::TextMap{{"mood", "calm"}}}));
  ASSERT_TRUE(tagged.has_value()) << tagged.error().message;
  EXPECT_EQ(to_json(*tagged).at("assigned_tags").at(0).as_string(), "prod");
  EXPECT_EQ(run(agents.get(organization, id, {Kind::tag, 0, "prod"}))->version, 0);
  EXPECT_EQ(run(agents.get(organization, id, {Kind::tag, 0, "staging"})).error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(run(versions.set_tag(organization, id, "prod", {7})).error().code, core::ErrorCode::not_found);
  for (const auto* wrong : {"", "Prod", "latest", "v12", "1st", "averyveryverylongname"}) {
    EXPECT_EQ(run(versions.set_tag(organization, id, wrong, {0})).error().code, core::ErrorCode::invalid) << wrong;
  }
  WebCallRequest request;
  request.agent_id = id;
  request.agent_version = "prod";
  const auto call = run(calls.create_web_call(organization, std::move(request)));
  ASSERT_TRUE(call.has_value()) << call.error().message;
  EXPECT_EQ(call->agent_tag, "prod");
  EXPECT_EQ(launcher.expected.at(call->call_id).plan.dialogue.system_prompt, "Be calm.");
  ASSERT_TRUE(run(versions.remove_tag(organization, id, "prod")));
  EXPECT_FALSE(run(versions.remove_tag(organization, id, "prod")).has_value());
}

TEST_P(Agents, demo_agents_are_made_once_and_then_left_alone) {
  ASSERT_TRUE(run(ensure_demo(*database, voices, clock, organization)));
  EXPECT_EQ(run(agents.get(organization, demo_agent_pt, {}))->settings.voice_id, "voice-pt-BR");
  ASSERT_TRUE(run(agents.update(organization, demo_agent_en, {}, of(R"({"agent_name":"Mine"})"))));
  ASSERT_TRUE(run(ensure_demo(*database, voices, clock, organization)));
  EXPECT_EQ(run(agents.get(organization, demo_agent_en, {}))->settings.agent_name, "Mine");
  EXPECT_EQ(run(agents.list(organization, {}, ""))->items.size(), 2U);
}

TEST(VersionChoice, understands_numbers_and_the_two_words) {
  EXPECT_EQ(parse_version(std::nullopt)->kind, Kind::latest);
  EXPECT_EQ(parse_version("latest_published")->kind, Kind::latest_published);
  EXPECT_EQ(parse_version("12")->number, 12);
  EXPECT_EQ(parse_version("prod")->name, "prod");
  EXPECT_EQ(parse_version("No tag").error().code, core::ErrorCode::unprocessable);
  EXPECT_FALSE(parse_version("-1").has_value());
}

class Numbers : public ServicesFixture {};

TEST_P(Numbers, lead_to_an_agent_by_weight) {
  const auto agent = make_agent();
  const auto bound = [&](const std::string& weight) {
    return R"("inbound_agents":[{"agent_id":")" + agent + R"(","weight":)" + weight + "}]}";
  };
  const auto made = run(numbers.import(organization,
                                       of(R"({"phone_number":"+14155550100","termination_uri":"sip.example.com",)"
                                          R"("sip_trunk_auth_password":"hidden",)" +
                                          bound("1")),
                                       seal));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(json::dump(*made).find("hidden"), std::string::npos);
  EXPECT_EQ(made->at("sip_outbound_trunk_config").at("termination_uri").as_string(), "sip.example.com");
  const auto owner = run(numbers.owner("+14155550100", domain::Direction::inbound)).value();
  ASSERT_TRUE(owner.has_value());
  EXPECT_EQ(owner->agent->agent_id, agent);
  EXPECT_FALSE(run(numbers.owner("+14155550100", domain::Direction::outbound)).value()->agent.has_value());
  EXPECT_FALSE(run(numbers.owner("+14155550199", domain::Direction::inbound))->has_value());
  const auto wrong = run(numbers.update(organization, "+14155550100", of("{" + bound("0.4")), seal));
  EXPECT_EQ(wrong.error().field, "inbound_agents");
  EXPECT_FALSE(run(numbers.get("org_other", "+14155550100")).has_value());
  ASSERT_TRUE(run(numbers.remove(organization, "+14155550100")));
}

TEST_P(Numbers, keep_what_the_server_says_of_them) {
  const std::string number = "+14155550100";
  ASSERT_TRUE(run(numbers.import(
      organization, of(R"({"phone_number":"+14155550100","phone_number_pretty":5,"phone_number_type":"x"})"), seal)));
  auto document = run(numbers.get(organization, number)).value();
  EXPECT_EQ(document.at("phone_number_pretty").as_string(), "+1 (415) 555-0100");
  EXPECT_EQ(document.at("phone_number_type").as_string(), "custom");
  // The whole of it is sent back, with one thing changed that may be and others that may not.
  document["nickname"] = "Front desk";
  document["phone_number"] = "+1";
  document["phone_number_pretty"] = 5;
  document["phone_number_type"] = "retell-twilio";
  document["last_modification_timestamp"] = 1;
  ASSERT_TRUE(run(numbers.update(organization, number, document, seal)));
  const auto shown = run(numbers.list(organization)).value().at(0);
  EXPECT_EQ(shown.at("phone_number").as_string(), number);
  EXPECT_EQ(shown.at("phone_number_pretty").as_string(), "+1 (415) 555-0100");
  EXPECT_EQ(shown.at("phone_number_type").as_string(), "custom");
  EXPECT_GT(shown.at("last_modification_timestamp").as_int64(), 1);
  EXPECT_EQ(shown.at("nickname").as_string(), "Front desk");
}

TEST_P(Numbers, are_shown_as_people_write_them_where_that_is_known) {
  const auto pretty = [&](const std::string& number) {
    const auto added = run(numbers.import(organization, of(R"({"phone_number":")" + number + R"("})"), seal));
    EXPECT_TRUE(added.has_value());
    return std::string(added->at("phone_number_pretty").as_string());
  };
  EXPECT_EQ(pretty("+5511912345678"), "+55 (11) 91234-5678");
  EXPECT_EQ(pretty("+551132345678"), "+55 (11) 3234-5678");
  EXPECT_EQ(pretty("+4930123456"), "+4930123456");
  EXPECT_EQ(pretty("1001"), "1001");
}

TEST_P(Numbers, of_another_workspace_cannot_be_brought_along) {
  const auto other = run(workspaces.create("Other", "")).value().id;
  ASSERT_TRUE(run(numbers.import(other, of(R"({"phone_number":"+14155550100"})"), seal)));
  const auto refused = run(numbers.import(organization, of(R"({"phone_number":"+14155550100"})"), seal));
  EXPECT_EQ(refused.error().message, "phone_number: +14155550100 cannot be imported here");
}

TEST_P(Numbers, name_agents_and_fallbacks_that_can_answer) {
  ASSERT_TRUE(run(numbers.import(organization, of(R"({"phone_number":"+14155550100"})"), seal)));
  ASSERT_TRUE(run(numbers.import(organization, of(R"({"phone_number":"1001"})"), seal)));
  const auto problem = [&](std::string_view body) {
    const auto done = run(numbers.update(organization, "+14155550100", of(body), seal));
    return done ? "" : done.error().message;
  };
  EXPECT_EQ(problem(R"({"outbound_agents":[{"agent_id":"agent_none","weight":1}]})"),
            "outbound_agents[0].agent_id: names no agent of this account");
  EXPECT_EQ(problem(R"({"inbound_agent_id":"agent_none"})"), "inbound_agent_id: names no agent of this account");
  for (const auto* bad : {"abc", "1001", ""}) {  // also of numbers of this account: the carrier is to call it
    EXPECT_EQ(problem(std::string(R"({"fallback_number":")") + bad + "\"}"),
              "fallback_number: must be a number in E.164 form, such as +14155550100, or a SIP URI");
  }
  EXPECT_EQ(problem(R"({"fallback_number":"+14155550100"})"), "fallback_number: must be another number than this one");
  for (const auto* good : {R"("+14155550199")", R"("sip:desk@example.com")", "null"}) {
    EXPECT_EQ(problem(std::string(R"({"fallback_number":)") + good + "}"), "") << good;
  }
}

TEST_P(Numbers, keep_the_password_of_their_trunk_sealed_until_it_is_taken_away) {
  const std::string number = "+14155550100";
  const auto stored = [&] {
    const auto rows = run(database->query({"SELECT body FROM phone_numbers WHERE phone_number = $1", {number}}));
    return rows->front().text(0);
  };
  const auto opened = [&] {
    const auto body = of(stored());
    const auto* sealed = body.as_object().if_contains("sealed_auth_password");
    if (sealed == nullptr) return std::string("none");
    const std::string text(sealed->as_string());
    return crypto::unseal(text, "the server's secret", "trunk " + organization + " " + number).value();
  };
  const auto body = R"({"phone_number":"+14155550100","termination_uri":"sip.example.com",)"
                    R"("sip_trunk_auth_username":"ann","sip_trunk_auth_password":"hidden-1"})";
  ASSERT_TRUE(run(numbers.import(organization, of(body), seal)).has_value());
  EXPECT_EQ(stored().find("hidden"), std::string::npos);
  EXPECT_EQ(opened(), "hidden-1");
  const auto change = [&](std::string_view patch) {
    const auto changed = run(numbers.update(organization, number, of(patch), seal));
    EXPECT_TRUE(changed.has_value());
    const auto shown = json::dump(changed.value()) + json::dump(run(numbers.get(organization, number)).value()) +
                       json::dump(run(numbers.list(organization)).value().front());
    EXPECT_EQ(shown.find("password"), std::string::npos) << shown;
    return opened();
  };
  EXPECT_EQ(change(R"({"nickname":"Front desk"})"), "hidden-1");
  EXPECT_EQ(change(R"({"sealed_auth_password":"forged"})"), "hidden-1");
  EXPECT_EQ(change(R"({"sealed_auth_password":null})"), "hidden-1");
  EXPECT_EQ(change(R"({"auth_password":"hidden-2"})"), "hidden-2");
  EXPECT_EQ(change(R"({"auth_password":null})"), "none");
}

TEST_P(Numbers, are_not_replaced_by_another_import_of_them) {
  const auto body = R"({"phone_number":"+14155550100","nickname":"Front desk","sip_trunk_auth_password":"hidden"})";
  ASSERT_TRUE(run(numbers.import(organization, of(body), seal)).has_value());
  const auto again = run(numbers.import(organization, of(R"({"phone_number":"+14155550100"})"), seal));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(again.error().field, "phone_number");
  EXPECT_NE(again.error().message.find("+14155550100 is here already"), std::string::npos) << again.error().message;
  const auto other = run(workspaces.create("Other", "")).value().id;
  EXPECT_EQ(run(numbers.import(other, of(body), seal)).error().code, core::ErrorCode::invalid);
  EXPECT_EQ(run(numbers.get(organization, "+14155550100"))->at("nickname").as_string(), "Front desk");

  const auto replaced =
      run(numbers.replace(organization, of(R"({"phone_number":"+14155550100","nickname":"Desk"})"), seal));
  ASSERT_TRUE(replaced.has_value()) << replaced.error().message;
  const auto rows = run(database->query({"SELECT body FROM phone_numbers"}));
  EXPECT_NE(rows->front().text(0).find("sealed_auth_password"), std::string::npos) << "which no source shows";
  EXPECT_FALSE(run(numbers.replace(other, of(body), seal)).has_value());
}

RETELL_ON_EVERY_DATABASE(Agents);
RETELL_ON_EVERY_DATABASE(Numbers);

}  // namespace
}  // namespace retell::services
