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
  const auto settings = read_llm_settings(json::Object{{"general_tools", tools}});
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
