#include "domain/llm.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace retell::domain {
namespace {

json::Value of(std::string_view text) { return json::parse(text).value(); }

TEST(RetellLlm, keeps_all_thirteen_kinds_of_tools_as_given) {
  const auto tools = of(R"([
    {"type":"end_call","name":"end","speak_during_execution":true,"execution_message_type":"static_text"},
    {"type":"transfer_call","name":"t1","transfer_destination":{"type":"predefined","number":"+14155550100"},
     "transfer_option":{"type":"warm_transfer","on_hold_music":"ringtone","private_handoff_option":{"type":"prompt","prompt":"p"}}},
    {"type":"check_availability_cal","name":"c","cal_api_key":"k","event_type_id":5},
    {"type":"book_appointment_cal","name":"b","cal_api_key":"k","event_type_id":"{{event}}"},
    {"type":"agent_swap","name":"s","agent_id":"a","agent_version":"prod","post_call_analysis_setting":"both_agents"},
    {"type":"press_digit","name":"p","delay_ms":500},
    {"type":"send_sms","name":"m","sms_content":{"type":"predefined","text":"x"}},
    {"type":"custom","name":"cu","url":"https://example.com/{{path}}","method":"GET","timeout_ms":1000,
     "parameters":{"type":"object","properties":{"a":{"type":"string"}}},"response_variables":{"v":"a.b"}},
    {"type":"code","name":"co","code":"return 1"},
    {"type":"extract_dynamic_variable","name":"e","description":"d","variables":[{"type":"string","name":"n","description":"d"}]},
    {"type":"bridge_transfer","name":"br"},
    {"type":"cancel_transfer","name":"ca"},
    {"type":"mcp","name":"mc","description":"d","mcp_id":"1"}])");
  const auto servers = of(R"([{"name":"m","url":"https://example.com/mcp","id":"1"}])");
  const auto settings = read_llm_settings(json::Object{{"general_tools", tools}, {"mcps", servers}});
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->general_tools->size(), 13U);
  EXPECT_EQ(to_json(*settings).at("general_tools"), tools);
}

TEST(RetellLlm, finds_the_tool_at_fault) {
  const auto settings =
      read_llm_settings(of(R"({"general_tools":[{"type":"end_call","name":"x y"},{"type":"end_call","name":"ok"},)"
                           R"({"type":"custom","name":"ok","url":"localhost","max_retry":9}]})"));
  EXPECT_EQ(settings.error().message,
            "general_tools[0].name: must be 1 to 64 letters, digits, underscores or dashes; "
            "general_tools[2].name: is used twice; "
            "general_tools[2].url: must be a URL beginning with http:// or https://; "
            "general_tools[2].max_retry: must be from 0 to 5");
  const auto unknown = read_llm_settings(of(R"({"general_tools":[{"type":"fly","name":"x"}]})"));
  EXPECT_EQ(unknown.error().field, "general_tools[0].type");
}

TEST(RetellLlm, checks_that_states_hang_together) {
  const auto settings = read_llm_settings(of(
      R"({"states":[{"name":"a","edges":[{"destination_state_name":"b","description":"d"}]}],"starting_state":"z"})"));
  EXPECT_EQ(settings.error().message,
            "starting_state: names no state; states[0].edges[0].destination_state_name: names no state");
}

// What reading an LLM with this one tool says.
std::string tool_problem(const std::string& tool, const std::string& more = "") {
  const auto settings = read_llm_settings(of(R"({"general_tools":[)" + tool + "]" + more + "}"));
  return settings ? "" : settings.error().message;
}

TEST(RetellLlm, takes_only_object_schemas_for_parameters) {
  const auto problem = [](const std::string& schema) {
    return tool_problem(R"({"type":"custom","name":"c","url":"https://a.example","parameters":)" + schema + "}");
  };
  const std::string at = "general_tools[0].parameters";
  EXPECT_EQ(problem("{}"), "");
  EXPECT_EQ(problem(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})"), "");
  EXPECT_EQ(problem(R"({"type":"nope"})"), at + ".type: must be \"object\"");
  EXPECT_EQ(problem(R"({"type":"array"})"), at + ".type: must be \"object\"");
  EXPECT_EQ(problem(R"({"type":"object","properties":[]})"), at + ".properties: expected an object");
  EXPECT_EQ(problem(R"({"type":"object","properties":{},"required":"a"})"),
            at + ".required: expected an array of names of properties");
  EXPECT_EQ(problem(R"({"type":"object","properties":{"a":{}},"required":["a","b"]})"),
            at + ".required[1]: names no property");
  const auto edge = read_llm_settings(
      of(R"({"starting_state":"a","states":[{"name":"a","edges":[{"destination_state_name":"a","description":"d",)"
         R"("parameters":{"type":"array"}}]}]})"));
  EXPECT_EQ(edge.error().message, "states[0].edges[0].parameters.type: must be \"object\"");
}

TEST(RetellLlm, has_no_tool_that_could_never_do_its_work) {
  EXPECT_EQ(tool_problem(R"({"type":"custom","name":"t","url":""})"), "general_tools[0].url: must not be empty");
  EXPECT_EQ(tool_problem(R"({"type":"check_availability_cal","name":"t","cal_api_key":"","event_type_id":5})"),
            "general_tools[0].cal_api_key: must not be empty");
  const auto extract = [](const std::string& variables) {
    return tool_problem(R"({"type":"extract_dynamic_variable","name":"t","description":"d","variables":[)" + variables +
                        "]}");
  };
  EXPECT_EQ(extract(""), "general_tools[0].variables: must not be empty");
  EXPECT_EQ(extract(R"({"type":"enum","name":"n","description":"d","choices":[]})"),
            "general_tools[0].variables[0].choices: must not be empty");
  EXPECT_EQ(extract(R"({"type":"enum","name":"n","description":"d","choices":["a"]})"), "");
}

TEST(RetellLlm, has_no_tool_under_the_name_of_a_way_to_another_state) {
  const auto with = [](const std::string& tool, const std::string& general) {
    const auto settings = read_llm_settings(
        of(R"({"states":[{"name":"a","tools":[{"type":"end_call","name":")" + tool +
           R"("}],"edges":[{"destination_state_name":"b","description":"d"}]},{"name":"b"}],"starting_state":"a",)" +
           R"("general_tools":[{"type":"end_call","name":")" + general + R"("}]})"));
    return settings ? "" : settings.error().message;
  };
  const auto* expected =
      "states[0].edges[0].destination_state_name: makes a tool transition_to_b, and another tool has that name";
  EXPECT_EQ(with("transition_to_b", "end"), expected);
  EXPECT_EQ(with("end_here", "transition_to_b"), expected);
  EXPECT_EQ(with("transition_to_c", "end"), "");
}

TEST(RetellLlm, transfers_only_to_what_can_be_called) {
  const auto problem = [](const std::string& destination, const std::string& option, const std::string& more = "") {
    return tool_problem(R"({"type":"transfer_call","name":"t","transfer_destination":)" + destination +
                        R"(,"transfer_option":)" + option + more + "}");
  };
  const auto to = [](const std::string& number) { return R"({"type":"predefined","number":")" + number + R"("})"; };
  const std::string cold = R"({"type":"cold_transfer"})";
  const std::string at =
      "general_tools[0].transfer_destination.number: must be a number in E.164 form, such as "
      "+14155550100, or a SIP URI";
  EXPECT_EQ(problem(to("abc"), cold), at);
  EXPECT_EQ(problem(to("123"), cold), at);
  EXPECT_EQ(problem(to("sip:"), cold), at);
  for (const auto* number : {"+14155550100", "{{number}}", "sip:desk@example.com"}) {
    EXPECT_EQ(problem(to(number), cold), "") << number;
  }
  EXPECT_EQ(problem(to("123"), cold, R"(,"ignore_e164_validation":true)"), "");
  EXPECT_EQ(problem(R"({"type":"predefined","number":"+14155550100","extension":"12a"})", cold),
            "general_tools[0].transfer_destination.extension: expected digits, * and #, or a {{variable}}");
  const auto refer = [](const std::string& shown) {
    return R"({"type":"cold_transfer","cold_transfer_mode":"sip_refer","show_transferee_as_caller":)" + shown + "}";
  };
  EXPECT_EQ(problem(to("+14155550100"), refer("false")), "");
  EXPECT_EQ(problem(to("+14155550100"), refer("true")),
            "general_tools[0].transfer_option.show_transferee_as_caller: cannot be with cold_transfer_mode "
            "\"sip_refer\"");
}

TEST(RetellLlm, transfers_to_a_number_even_where_its_form_is_not_looked_at) {
  const auto problem = [](const std::string& number, const std::string& option) {
    return tool_problem(R"({"type":"transfer_call","name":"t","ignore_e164_validation":true,"transfer_destination":)"
                        R"({"type":"predefined","number":")" +
                        number + R"("},"transfer_option":)" + option + "}");
  };
  EXPECT_EQ(problem("123", R"({"type":"cold_transfer"})"), "");
  EXPECT_EQ(problem("", R"({"type":"cold_transfer"})"),
            "general_tools[0].transfer_destination.number: must not be empty");
  const auto agentic = [](const std::string& config) {
    return R"({"type":"agentic_warm_transfer","agentic_transfer_config":)" + config + "}";
  };
  EXPECT_EQ(problem("123", agentic(R"({"transfer_agent":{"agent_version":1}})")),
            "general_tools[0].transfer_option.agentic_transfer_config.transfer_agent: expected an object with the "
            "agent_id of a transfer agent");
  EXPECT_EQ(problem("123", agentic(R"({"transfer_agent":{"agent_id":"agent_1"}})")), "");
  EXPECT_EQ(problem("123", agentic("{}")), "") << "Retell's types let it be told later";
}

TEST(RetellLlm, books_events_by_their_numbers) {
  const auto problem = [](const std::string& id) {
    return tool_problem(R"({"type":"book_appointment_cal","name":"b","cal_api_key":"k","event_type_id":)" + id + "}");
  };
  EXPECT_EQ(problem("60444"), "");
  EXPECT_EQ(problem(R"("60444")"), "");
  EXPECT_EQ(problem(R"("{{event}}")"), "");
  const auto* expected = "general_tools[0].event_type_id: expected a number, or a {{variable}} that holds one";
  EXPECT_EQ(problem(R"("abc")"), expected);
  EXPECT_EQ(problem(R"("")"), expected);
}

TEST(RetellLlm, knows_its_mcp_servers) {
  const std::string tool = R"({"type":"mcp","name":"m","description":"d","mcp_id":"crm"})";
  const std::string unknown = "general_tools[0].mcp_id: names no MCP server of the LLM";
  EXPECT_EQ(tool_problem(tool), unknown);
  EXPECT_EQ(tool_problem(tool, R"(,"mcps":[{"name":"x","url":"https://a.example","id":"1"}])"), unknown);
  EXPECT_EQ(tool_problem(tool, R"(,"mcps":[{"name":"x","url":"https://a.example","id":"crm"}])"), "");
  EXPECT_EQ(tool_problem(tool, R"(,"mcps":[{"name":"crm","url":"https://a.example"}])"), "");
  EXPECT_EQ(tool_problem(R"({"type":"end_call","name":"e"})", R"(,"mcps":[{"name":"x","url":"a.example"}])"),
            "mcps[0].url: must be a URL beginning with http:// or https://");
}

TEST(RetellLlm, has_a_starting_state_among_its_states_alone) {
  EXPECT_EQ(read_llm_settings(of(R"({"starting_state":"a"})")).error().message, "starting_state: names no state");
  EXPECT_EQ(read_llm_settings(of(R"({"starting_state":"a","states":[]})")).error().field, "starting_state");
  EXPECT_EQ(read_llm_settings(of(R"({"states":[{"name":"a"}]})")).error().message,
            "starting_state: is required when there are states");
}

TEST(RetellLlm, says_what_must_be_looked_up_elsewhere) {
  const auto settings = read_llm_settings(of(
      R"({"knowledge_base_ids":["kb_1"],"starting_state":"a","general_tools":[
          {"type":"agent_swap","name":"s","agent_id":"agent_1","post_call_analysis_setting":"both_agents"},
          {"type":"agent_swap","name":"v","agent_id":"{{agent}}","post_call_analysis_setting":"both_agents"}],
          "states":[{"name":"a","tools":[{"type":"transfer_call","name":"t",
            "transfer_destination":{"type":"inferred","prompt":"p"},
            "transfer_option":{"type":"agentic_warm_transfer",
              "agentic_transfer_config":{"transfer_agent":{"agent_id":"agent_2","agent_version":0}}}}]}]})"));
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  const auto references = references_of(*settings);
  EXPECT_EQ(references.knowledge_bases, (References::Names{{"knowledge_base_ids[0]", "kb_1"}}));
  EXPECT_EQ(references.agents,
            (References::Names{
                {"general_tools[0].agent_id", "agent_1"},
                {"states[0].tools[0].transfer_option.agentic_transfer_config.transfer_agent.agent_id", "agent_2"}}));
  const auto touched = named_by(of(R"({"states":[]})"), references);
  EXPECT_TRUE(touched.knowledge_bases.empty());
  EXPECT_EQ(touched.agents.size(), 1U);
}

TEST(RetellLlm, tells_an_empty_begin_message_from_a_missing_one) {
  const auto empty = read_llm_settings(of(R"({"begin_message":""})"));
  EXPECT_EQ(empty->begin_message, "");
  EXPECT_EQ(json::dump(to_json(*empty)), R"({"begin_message":""})");
  const auto cleared = patch_llm_settings(*empty, of(R"({"begin_message":null,"general_prompt":"p"})"));
  EXPECT_EQ(json::dump(to_json(*cleared)), R"({"general_prompt":"p"})");
}

TEST(RetellLlm, refuses_two_kinds_of_model_at_once) {
  EXPECT_EQ(read_llm_settings(of(R"({"model":"gpt-4.1","s2s_model":"gpt-realtime"})")).error().field, "s2s_model");
}

}  // namespace
}  // namespace retell::domain
