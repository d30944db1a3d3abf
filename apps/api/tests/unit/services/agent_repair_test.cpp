// Agents whose settings name what has been deleted since.
#include <gtest/gtest.h>

#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

class AgentRepair : public ServicesFixture {
 protected:
  std::string make_knowledge(const std::string& name) {
    KnowledgeSettings settings;
    settings.knowledge_base_name = name;
    return std::string(
        run(knowledge_bases.create(organization, settings, {{{"T", "x"}}}))->at("knowledge_base_id").as_string());
  }
  std::string make_component() {
    return run(components.create(organization, of(R"({"name":"Part","nodes":[{"id":"n","type":"end"}]})")))
        ->document.id;
  }
  std::string agent_of(const std::string& engine) {
    const auto agent =
        run(agents.create(organization, of(R"({"voice_id":"voice-pt-BR","fallback_voice_ids":["voice-en-US"],)"
                                           R"("response_engine":{)" +
                                           engine + "}}")));
    EXPECT_TRUE(agent.has_value()) << agent.error().message;
    return agent->agent_id;
  }
  std::string agent_of_llm(const std::string& llm) { return agent_of(R"("type":"retell-llm","llm_id":")" + llm + '"'); }
  core::Result<AgentView> repair(const std::string& agent) { return run(agents.repair(organization, agent, {})); }
};

TEST_P(AgentRepair, takes_what_is_gone_out_of_the_llm_and_leaves_the_rest) {
  const auto kept = make_knowledge("Kept");
  const auto gone = make_knowledge("Gone");
  const auto other = make_agent();
  const auto swap = [](const std::string& name, const std::string& agent) {
    return R"({"type":"agent_swap","name":")" + name + R"(","agent_id":")" + agent +
           R"(","post_call_analysis_setting":"both_agents"})";
  };
  const auto llm = make_llm(R"({"general_prompt":"Be kind.","knowledge_base_ids":[")" + gone + R"(",")" + kept +
                            R"("],"general_tools":[{"type":"end_call","name":"end"},)" + swap("s", other) + "," +
                            swap("v", "{{agent}}") + "]}");
  const auto agent = agent_of_llm(llm);
  clock.advance(std::chrono::seconds(5));
  ASSERT_TRUE(repair(agent));
  EXPECT_LT(run(llms.get(organization, llm, {}))->last_modification_timestamp, core::epoch_ms(clock.wall()))
      << "nothing was there to repair";
  ASSERT_TRUE(run(knowledge_bases.remove(organization, gone)));
  ASSERT_TRUE(run(agents.remove(organization, other)));
  const auto repaired = repair(agent);
  ASSERT_TRUE(repaired.has_value()) << repaired.error().message;
  EXPECT_EQ(repaired->agent_id, agent);
  const auto after = run(llms.get(organization, llm, {}));
  EXPECT_EQ(after->settings.knowledge_base_ids, std::vector<std::string>{kept});
  ASSERT_EQ(after->settings.general_tools->size(), 2U);
  EXPECT_EQ(std::get<domain::AgentSwapTool>((*after->settings.general_tools)[1]).name, "v");
  EXPECT_EQ(after->settings.general_prompt, "Be kind.");
  EXPECT_EQ(after->last_modification_timestamp, core::epoch_ms(clock.wall()));
}

TEST_P(AgentRepair, takes_nodes_of_components_that_are_gone_out_of_the_flow) {
  const auto component = make_component();
  const auto knowledge = make_knowledge("Gone");
  const auto edge = [](const std::string& id, const std::string& to) {
    return R"({"id":")" + id + R"(","transition_condition":{"type":"prompt","prompt":"Else"},"destination_node_id":")" +
           to + R"("})";
  };
  const auto flow = run(flows.create(
      organization, of(R"({"start_speaker":"agent","model_choice":{"type":"cascading","model":"gpt-4.1"},)"
                       R"("start_node_id":"part","nodes":[{"id":"part","type":"component","component_type":"shared",)"
                       R"("component_id":")" +
                       component + R"(","else_edge":)" + edge("e", "end") +
                       R"(},{"id":"talk","type":"conversation","instruction":{"type":"prompt","text":"Hi"},)"
                       R"("knowledge_base_ids":[")" +
                       knowledge + R"("],"edges":[)" + edge("a", "part") + "," + edge("b", "end") +
                       R"(],"else_edge":)" + edge("c", "part") + R"(},{"id":"end","type":"end"}]})")));
  ASSERT_TRUE(flow.has_value()) << flow.error().message;
  const auto agent = agent_of(R"("type":"conversation-flow","conversation_flow_id":")" + flow->id + '"');
  // Past the service, which would leave a copy in the flow.
  ASSERT_TRUE(
      run(storage::DocumentStore(*database, storage::DocumentKind::flow_component).remove(organization, component)));
  ASSERT_TRUE(run(knowledge_bases.remove(organization, knowledge)));
  ASSERT_TRUE(repair(agent));
  const auto after = run(flows.get(organization, flow->id, {}));
  EXPECT_FALSE(after->settings.contains("start_node_id"));
  const auto& nodes = after->settings.at("nodes").as_array();
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_TRUE(nodes[0].at("knowledge_base_ids").as_array().empty());
  EXPECT_FALSE(nodes[0].at("edges").at(0).as_object().contains("destination_node_id"));
  EXPECT_EQ(nodes[0].at("edges").at(1).at("destination_node_id").as_string(), "end");
  EXPECT_FALSE(nodes[0].at("else_edge").as_object().contains("destination_node_id"));
  EXPECT_TRUE(run(flows.update(organization, flow->id, {}, of(R"({"global_prompt":"g"})")))) << "it can be saved again";
}

TEST_P(AgentRepair, gives_an_agent_a_voice_that_there_is) {
  const auto agent = agent_of_llm(make_llm());
  VoiceCatalog today;
  for (const auto* language : {"pt-BR", "en-US"}) {
    CatalogVoice voice;
    voice.voice.voice_id = std::string("new-") + language;
    voice.language = language;
    today.add(std::move(voice));
  }
  AgentService later{*database, today, clock};
  const auto repaired = run(later.repair(organization, agent, {}));
  ASSERT_TRUE(repaired.has_value()) << repaired.error().message;
  EXPECT_EQ(repaired->settings.at("voice_id").as_string(), "new-en-US");
  EXPECT_FALSE(repaired->settings.contains("fallback_voice_ids"));
  EXPECT_EQ(run(later.view(organization, agent, {}))->settings.at("voice_id").as_string(), "new-en-US");
}

TEST_P(AgentRepair, leaves_what_is_published_alone) {
  const auto gone = make_knowledge("Gone");
  const auto llm = make_llm(R"({"knowledge_base_ids":[")" + gone + R"("]})");
  const auto agent = agent_of_llm(llm);
  const auto second = agent_of(R"("type":"retell-llm","version":0,"llm_id":")" + llm + '"');
  ASSERT_TRUE(run(versions.publish(organization, agent, {.version = 0})));
  ASSERT_TRUE(run(knowledge_bases.remove(organization, gone)));
  EXPECT_EQ(repair(agent).error().code, core::ErrorCode::precondition);
  ASSERT_TRUE(repair(second));
  EXPECT_EQ(run(llms.get(organization, llm, {}))->settings.knowledge_base_ids, std::vector<std::string>{gone});
}

TEST_P(AgentRepair, cannot_make_up_an_engine) {
  const auto llm = make_llm();
  const auto agent = agent_of_llm(llm);
  ASSERT_TRUE(run(llms.remove(organization, llm, true)));
  const auto refused = repair(agent);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(refused.error().message, "Retell LLM " + llm +
                                         " not found: an agent without its response engine cannot be repaired; "
                                         "give it another with update-agent");
  EXPECT_EQ(repair("agent_none").error().code, core::ErrorCode::unprocessable);
}

RETELL_ON_EVERY_DATABASE(AgentRepair);

}  // namespace
}  // namespace retell::services
