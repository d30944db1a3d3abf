#include "domain/flow.hpp"

#include <gtest/gtest.h>

#include "json/merge_patch.hpp"
#include "json/text.hpp"

namespace retell::domain {
namespace {

json::Value of(std::string_view text) { return json::parse(text).value(); }

// A flow of these nodes; `more` are further members, each beginning with a comma.
json::Value flow(const std::string& nodes, const std::string& more = "") {
  return of(R"({"start_speaker":"agent","model_choice":{"type":"cascading","model":"gpt-4.1"},"nodes":[)" + nodes +
            "]" + more + "}");
}

std::string edge(const std::string& id, const std::string& to, const std::string& prompt = "p") {
  return R"({"id":")" + id + R"(","transition_condition":{"type":"prompt","prompt":")" + prompt +
         R"("},"destination_node_id":")" + to + R"("})";
}

std::string talk(const std::string& id, const std::string& more = "") {
  return R"({"id":")" + id + R"(","type":"conversation","instruction":{"type":"prompt","text":"t"})" + more + "}";
}

std::string problem(const json::Value& body) {
  const auto checked = check_flow(body);
  return checked ? "" : checked.error().message;
}

const std::string end = R"({"id":"end","type":"end"})";

TEST(Flow, keeps_what_it_is_given_but_nulls_and_read_only_members) {
  const auto body = flow(talk("a", R"(,"from_the_future":{"x":[1]})"),
                         R"(,"global_prompt":null,"version":3,"notes":[{"id":"n","size":{"width":3}}])");
  const auto checked = check_flow(body);
  ASSERT_TRUE(checked.has_value()) << checked.error().message;
  auto expected = body.get_object();
  expected.erase("global_prompt");
  expected.erase("version");
  EXPECT_EQ(json::Value(checked->settings), json::Value(expected));
}

TEST(Flow, has_every_kind_of_node) {
  const std::string common = R"(,"else_edge":)" + edge("else", "end", "Else");
  const std::string when_failed = edge("e", "end", "Transfer failed");
  const auto nodes =
      talk("a", R"(,"edges":[)" + edge("e1", "b") + "]") + "," +
      R"({"id":"b","type":"subagent","instruction":{"type":"prompt","text":"t"},"tools":[{"type":"end_call","name":"x"}],"tool_ids":["t1"]},)"
      R"({"id":"c","type":"function","tool_id":"t1","tool_type":"local","wait_for_result":true},)"
      R"({"id":"d","type":"code","code":"1","wait_for_result":false},)"
      R"({"id":"e","type":"transfer_call","transfer_destination":{"type":"predefined","number":"+14155550100"},"transfer_option":{"type":"cold_transfer"},"edge":)" +
      when_failed +
      R"(},{"id":"f","type":"press_digit","instruction":{"type":"prompt","text":"t"},"delay_ms":500},)"
      R"({"id":"g","type":"branch")" +
      common +
      R"(},{"id":"h","type":"sms","instruction":{"type":"template","template":"info_collection"},"success_edge":)" +
      edge("e", "end", "Sent successfully") + R"(,"failed_edge":)" + edge("f", "a", "Failed to send") +
      R"(},{"id":"i","type":"extract_dynamic_variables","variables":[{"type":"string","name":"n","description":"d"}]},)"
      R"({"id":"j","type":"agent_swap","agent_id":"agent_1","post_call_analysis_setting":"both_agents","edge":)" +
      when_failed +
      R"(},{"id":"k","type":"mcp","mcp_id":"m","mcp_tool_name":"x","wait_for_result":true},)"
      R"({"id":"l","type":"component","component_id":"Part","component_type":"local")" +
      common + R"(},{"id":"m","type":"bridge_transfer"},{"id":"n","type":"cancel_transfer"},)" + end;
  const auto checked = check_flow(flow(
      nodes,
      R"(,"is_transfer_cf":true,"start_node_id":"a","tools":[{"type":"custom","tool_id":"t1","name":"t","url":"https://x.y"}],)"
      R"("mcps":[{"name":"m","url":"https://x.y"}],"components":[{"name":"Part","nodes":[)" +
          end + "]}]"));
  EXPECT_TRUE(checked.has_value()) << checked.error().message;
}

TEST(Flow, names_the_edge_that_leads_nowhere) {
  const auto nodes = end + "," + talk("a", R"(,"edges":[)" + edge("e1", "end") + "," + edge("e2", "nowhere") + "]");
  EXPECT_EQ(problem(flow(nodes)), "nodes[1].edges[1].destination_node_id: names no node");
  EXPECT_EQ(problem(flow(talk("a", R"(,"skip_response_edge":)" + edge("s", "x", "Skip response")))),
            "nodes[0].skip_response_edge.destination_node_id: names no node");
  const auto component = R"({"name":"C","nodes":[)" + talk("a", R"(,"edges":[)" + edge("e", "end") + "]") + "]}";
  EXPECT_EQ(problem(flow(end, R"(,"components":[)" + component + "]")),
            "components[0].nodes[0].edges[0].destination_node_id: names no node");
}

TEST(Flow, refuses_what_could_not_run) {
  EXPECT_EQ(problem(flow(end + "," + end)), "nodes[1].id: is used twice");
  EXPECT_EQ(problem(flow(end, R"(,"start_node_id":"a")")), "start_node_id: names no node");
  EXPECT_EQ(problem(flow(talk("a", R"(,"edges":[)" + edge("e", "a") + "," + edge("e", "a") + "]"))),
            "nodes[0].edges[1].id: is used twice in this node");
  EXPECT_EQ(problem(flow(R"({"id":"a","type":"fly"})")).substr(0, 36), "nodes[0].type: expected one of conve");
  EXPECT_EQ(problem(flow(R"({"id":"a","type":"conversation"})")), "nodes[0].instruction: is required");
  EXPECT_EQ(problem(flow(R"({"id":"a","type":"branch"})")), "nodes[0].else_edge: is required");
  EXPECT_EQ(problem(flow(R"({"id":"a","type":"function","tool_id":"t","tool_type":"local","wait_for_result":true})")),
            "nodes[0].tool_id: names no tool of the flow");
  EXPECT_EQ(problem(flow(R"({"id":"a","type":"mcp","mcp_id":"m","mcp_tool_name":"x","wait_for_result":true})")),
            "nodes[0].mcp_id: names no MCP server of the flow");
  EXPECT_EQ(problem(flow(R"({"id":"a","type":"mcp","mcp_id":"m","mcp_tool_name":"","wait_for_result":true})",
                         R"(,"mcps":[{"name":"m","url":""}])")),
            "mcps[0].url: must not be empty; nodes[0].mcp_tool_name: must not be empty");
  EXPECT_EQ(problem(flow(R"({"id":"a","type":"extract_dynamic_variables","variables":[]})")),
            "nodes[0].variables: must not be empty");
  EXPECT_EQ(problem(flow(talk("a", R"(,"voice_speed":9)"))), "nodes[0].voice_speed: must be from 0.5 to 2");
  EXPECT_EQ(problem(flow(talk("a", R"(,"global_node_setting":{"condition":"","cool_down":0})"))),
            "nodes[0].global_node_setting.condition: must not be empty; "
            "nodes[0].global_node_setting.cool_down: must be at least 1");
}

TEST(Flow, begins_in_a_node_and_so_does_each_of_its_components) {
  const std::string none = "nodes: must not be empty: a conversation begins in a node";
  EXPECT_EQ(problem(flow("")), none);
  EXPECT_EQ(problem(flow(end, R"(,"components":[{"name":"C","nodes":[]}])")), "components[0]." + none);
  EXPECT_EQ(check_component(of(R"({"name":"C","nodes":[]})")).error().message, none);
}

TEST(Flow, has_fixed_words_on_edges_that_need_no_judging) {
  EXPECT_EQ(problem(flow(talk("a", R"(,"else_edge":)" + edge("e", "a", "otherwise")))),
            "nodes[0].else_edge.transition_condition.prompt: must be \"Else\"");
  EXPECT_EQ(problem(flow(talk("a", R"(,"always_edge":)" + edge("e", "a", "Else")))),
            "nodes[0].always_edge.transition_condition.prompt: must be \"Always\"");
  const auto equation = [](const std::string& prompt) {
    return talk("a", R"(,"else_edge":{"id":"e","transition_condition":{"type":"equation","operator":"&&")" + prompt +
                         R"(,"equations":[{"left":"{{n}}","operator":"exists"}]}})");
  };
  EXPECT_EQ(problem(flow(equation(""))), "");
  EXPECT_EQ(problem(flow(equation(R"(,"prompt":"Else")"))), "");
  EXPECT_EQ(problem(flow(equation(R"(,"prompt":"p")"))),
            "nodes[0].else_edge.transition_condition.prompt: must be \"Else\"");
}

TEST(Flow, bridges_and_cancels_transfers_for_transfer_agents_alone) {
  const std::string bridge = R"({"id":"b","type":"bridge_transfer"})";
  const auto* expected = "nodes[0].type: is for transfer agents alone: set is_transfer_cf";
  EXPECT_EQ(problem(flow(bridge)), expected);
  EXPECT_EQ(problem(flow(R"({"id":"c","type":"cancel_transfer"})")), expected);
  EXPECT_EQ(problem(flow(bridge, R"(,"is_transfer_cf":true)")), "");
  EXPECT_TRUE(check_component(of(R"({"name":"Part","nodes":[)" + bridge + "]}")).has_value());
}

TEST(Flow, transfers_only_to_what_can_be_called) {
  const auto node = R"({"id":"t","type":"transfer_call","transfer_option":{"type":"cold_transfer"},)"
                    R"("transfer_destination":{"type":"predefined","number":"abc"},"edge":)" +
                    edge("e", "t", "Transfer failed") + "}";
  EXPECT_EQ(problem(flow(node)),
            "nodes[0].transfer_destination.number: must be a number in E.164 form, such as "
            "+14155550100, or a SIP URI");
}

TEST(Flow, checks_equations) {
  const auto with = [](const std::string& equations) {
    return flow(
        talk("a", R"(,"edges":[{"id":"e","transition_condition":{"type":"equation","operator":"&&","equations":[)" +
                      equations + "]}}]"));
  };
  const std::string at = "nodes[0].edges[0].transition_condition.equations";
  EXPECT_EQ(problem(with(R"({"left":"{{n}}","operator":"exists"})")), "");
  EXPECT_EQ(problem(with(R"({"left":"{{n}}","operator":">"})")), at + "[0].right: is required");
  EXPECT_EQ(problem(with("")), at + ": must be 1 to 50");
  EXPECT_EQ(problem(with(R"({"left":"a","operator":"=~","right":"b"})")).substr(0, at.size() + 22),
            at + "[0].operator: expected");
}

TEST(Flow, says_what_must_be_looked_up_elsewhere) {
  const auto checked = check_flow(
      flow(talk("a", R"(,"knowledge_base_ids":["kb_1"])") +
               R"(,{"id":"b","type":"component","component_id":"c_1","component_type":"shared","else_edge":)" +
               edge("e", "a", "Else") + "}",
           R"(,"knowledge_base_ids":["kb_2"])"));
  ASSERT_TRUE(checked.has_value()) << checked.error().message;
  using Names = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(checked->references.shared_components, (Names{{"nodes[1].component_id", "c_1"}}));
  EXPECT_EQ(checked->references.knowledge_bases,
            (Names{{"nodes[0].knowledge_base_ids[0]", "kb_1"}, {"knowledge_base_ids[0]", "kb_2"}}));
}

TEST(Flow, patches_replace_and_null_clears) {
  const auto before = check_flow(flow(end, R"(,"global_prompt":"g","start_node_id":"end")"))->settings;
  const auto after = patch_flow(before, of(R"({"global_prompt":null,"flex_mode":true})"));
  ASSERT_TRUE(after.has_value()) << after.error().message;
  EXPECT_FALSE(after->settings.contains("global_prompt"));
  EXPECT_TRUE(after->settings.at("flex_mode").as_bool());
  EXPECT_EQ(patch_flow(before, of(R"({"nodes":[)" + talk("a") + "]}")).error().field, "start_node_id");
  // What the patch leaves as it is need not be looked up again.
  const auto knowing = patch_flow(before, of(R"({"knowledge_base_ids":["kb"]})"));
  EXPECT_EQ(knowing->references.knowledge_bases.size(), 1U);
  EXPECT_TRUE(patch_flow(knowing->settings, of(R"({"flex_mode":true})"))->references.knowledge_bases.empty());
  EXPECT_EQ(patch_flow(before, of(R"({"model_choice":null})")).error().message, "model_choice: is required");
}

}  // namespace
}  // namespace retell::domain
