#include <gtest/gtest.h>

#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using Kind = storage::VersionChoice::Kind;

class Flows : public ServicesFixture {
 protected:
  static std::string body(const std::string& nodes) {
    return R"({"start_speaker":"agent","model_choice":{"type":"cascading","model":"gpt-4.1"},"nodes":[)" + nodes + "]}";
  }
  static std::string use_of(const std::string& component) {
    return R"({"id":"c","type":"component","component_type":"shared","component_id":")" + component +
           R"(","else_edge":{"id":"e","transition_condition":{"type":"prompt","prompt":"Else"}}})";
  }
  std::string make_component(const std::string& nodes = R"({"id":"n","type":"end"})") {
    const auto made = run(components.create(organization, of(R"({"name":"Part","nodes":[)" + nodes + "]}")));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made->document.id;
  }
  std::string make_flow(const std::string& nodes = R"({"id":"n","type":"end"})") {
    const auto made = run(flows.create(organization, of(body(nodes))));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made->id;
  }
  std::string make_flow_agent(const std::string& flow) {
    return run(agents.create(organization,
                             of(R"({"voice_id":"voice-en-US","response_engine":{"type":"conversation-flow",)"
                                R"("conversation_flow_id":")" +
                                flow + R"("}})")))
        ->agent_id;
  }
};

TEST_P(Flows, are_frozen_with_the_agent_and_branched_with_it) {
  const auto flow = make_flow();
  const auto agent = make_flow_agent(flow);
  ASSERT_TRUE(run(versions.publish(organization, agent, {.version = 0})));
  EXPECT_TRUE(run(flows.get(organization, flow, {}))->is_published);
  EXPECT_EQ(run(flows.update(organization, flow, {}, of("{}"))).error().code, core::ErrorCode::invalid);
  const auto draft = run(versions.create(organization, agent, 0));
  ASSERT_TRUE(draft.has_value()) << draft.error().message;
  EXPECT_EQ(draft->settings.at("response_engine").at("version").as_int64(), 1);
  ASSERT_TRUE(run(flows.update(organization, flow, {}, of(R"({"global_prompt":"new"})"))));
  EXPECT_FALSE(run(flows.get(organization, flow, {Kind::exact, 0}))->settings.contains("global_prompt"));
}

TEST_P(Flows, are_not_run_yet_and_say_so) {
  WebCallRequest request;
  request.agent_id = make_flow_agent(make_flow());
  const auto call = run(calls.create_web_call(organization, std::move(request)));
  EXPECT_EQ(call.error().code, core::ErrorCode::unprocessable);
  EXPECT_NE(call.error().message.find("not available on this server yet"), std::string::npos);
}

TEST_P(Flows, must_exist_for_an_agent_and_stay_while_one_uses_them) {
  const auto missing = run(agents.create(
      organization,
      of(R"({"voice_id":"voice-en-US","response_engine":{"type":"conversation-flow","conversation_flow_id":"x"}})")));
  EXPECT_EQ(missing.error().field, "response_engine.conversation_flow_id");
  const auto flow = make_flow();
  make_flow_agent(flow);
  EXPECT_EQ(run(flows.remove(organization, flow, false)).error().code, core::ErrorCode::invalid);
  EXPECT_FALSE(run(flows.remove("org_other", flow, true)).has_value());
  ASSERT_TRUE(run(flows.remove(organization, flow, true)));
  EXPECT_EQ(run(flows.get(organization, flow, {})).error().code, core::ErrorCode::not_found);
}

TEST_P(Flows, name_only_components_and_knowledge_that_exist) {
  const auto refused = run(flows.create(organization, of(body(use_of("nobody")))));
  EXPECT_EQ(refused.error().message, "nodes[0].component_id: names no component of this account");
  const auto flow = make_flow();
  EXPECT_EQ(run(flows.update(organization, flow, {}, of(R"({"knowledge_base_ids":["kb"]})"))).error().message,
            "knowledge_base_ids[0]: names no knowledge base of this account");
}

TEST_P(Flows, keep_a_copy_of_a_component_that_is_deleted) {
  const auto component = make_component();
  const auto flow = make_flow(use_of(component));
  EXPECT_EQ(run(components.get(organization, component))->flows, std::vector<std::string>{flow});
  ASSERT_TRUE(run(components.remove(organization, component)));
  const auto after = run(flows.get(organization, flow, {}));
  EXPECT_EQ(after->settings.at("nodes").at(0).at("component_type").as_string(), "local");
  EXPECT_EQ(after->settings.at("components").at(0).at("name").as_string(), "Part");
  // What was rewritten can be saved again.
  EXPECT_TRUE(run(flows.update(organization, flow, {}, of(R"({"global_prompt":"g"})"))));
}

TEST_P(Flows, never_contain_a_component_in_itself) {
  const auto inner = make_component();
  const auto outer = make_component(use_of(inner));
  const auto circle = run(components.update(organization, inner, of(R"({"nodes":[)" + use_of(outer) + "]}")));
  EXPECT_EQ(circle.error().message, "nodes[0].component_id: a component cannot contain itself");
  EXPECT_EQ(run(components.remove(organization, inner)).error().code, core::ErrorCode::invalid);
  ASSERT_TRUE(run(components.remove(organization, outer)));
  ASSERT_TRUE(run(components.remove(organization, inner)));
}

RETELL_ON_EVERY_DATABASE(Flows);

}  // namespace
}  // namespace retell::services
