#include "services/call_plan.hpp"

#include <gtest/gtest.h>

#include "services/runnable.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

engine::CallPlan plan_of(const domain::AgentSettings& settings) {
  ResolvedAgent resolved;
  resolved.agent.settings = settings;
  const config::Config config;
  return make_call_plan(resolved, {}, {config, core::WallTime{}, "org", "", ""});
}

TEST(CallPlan, has_retells_defaults_for_taking_turns) {
  const auto turns = plan_of({}).turns;
  EXPECT_EQ(turns.responsiveness, 1);
  EXPECT_EQ(turns.interruption_sensitivity, 1);
  EXPECT_FALSE(turns.dynamic_responsiveness);
  EXPECT_FALSE(turns.backchannel);
  EXPECT_EQ(turns.backchannel_frequency, 0.8);
  EXPECT_TRUE(turns.hears_keys);
  EXPECT_FALSE(turns.keys_interrupt);
  EXPECT_EQ(turns.keys.digit_limit, 50);
  EXPECT_EQ(turns.keys.termination_key, '#');
  EXPECT_EQ(turns.reminder_trigger, 10s);
  EXPECT_EQ(turns.reminder_max_count, 1);
  EXPECT_EQ(turns.begin_message_delay, 0ms);
  EXPECT_EQ(turns.end_call_after_silence, 10min);
  EXPECT_EQ(turns.max_call_duration, 1h);
}

TEST(CallPlan, carries_every_setting_of_taking_turns_to_the_engine) {
  domain::AgentSettings settings;
  settings.responsiveness = 0.3;
  settings.interruption_sensitivity = 0.4;
  settings.enable_dynamic_responsiveness = true;
  settings.enable_backchannel = true;
  settings.backchannel_frequency = 0.5;
  settings.backchannel_words = std::vector<std::string>{"right"};
  settings.allow_user_dtmf = false;
  settings.allow_dtmf_interruption = true;
  settings.user_dtmf_options = domain::UserDtmfOptions{4, "*", 3'000};
  settings.reminder_trigger_ms = 7'000;
  settings.reminder_max_count = 2;
  settings.begin_message_delay_ms = 500;
  settings.end_call_after_silence_ms = 20'000;
  settings.max_call_duration_ms = 90'000;
  const auto turns = plan_of(settings).turns;
  EXPECT_EQ(turns.responsiveness, 0.3);
  EXPECT_EQ(turns.interruption_sensitivity, 0.4);
  EXPECT_TRUE(turns.dynamic_responsiveness);
  EXPECT_TRUE(turns.backchannel);
  EXPECT_EQ(turns.backchannel_frequency, 0.5);
  EXPECT_EQ(turns.backchannel_words, std::vector<std::string>{"right"});
  EXPECT_FALSE(turns.hears_keys);
  EXPECT_TRUE(turns.keys_interrupt);
  EXPECT_EQ(turns.keys.digit_limit, 4);
  EXPECT_EQ(turns.keys.termination_key, '*');
  EXPECT_EQ(turns.keys.timeout, 3s);
  EXPECT_EQ(turns.reminder_trigger, 7s);
  EXPECT_EQ(turns.reminder_max_count, 2);
  EXPECT_EQ(turns.begin_message_delay, 500ms);
  EXPECT_EQ(turns.end_call_after_silence, 20s);
  EXPECT_EQ(turns.max_call_duration, 90s);
}

TEST(CallPlan, has_just_the_tools_with_which_a_call_is_not_refused) {
  const std::vector<std::pair<std::string, domain::Tool>> tools = {
      {"end", domain::EndCallTool{{.name = "end"}}},
      {"press", domain::PressDigitTool{.name = "press"}},
      {"custom", domain::CustomTool{{.name = "custom"}, "https://example.com"}},
      {"code", domain::CodeTool{{.name = "code"}, "1"}},
      {"sms", domain::SendSmsTool{{.name = "sms"}, {}}},
      {"transfer", domain::TransferCallTool{{.name = "transfer"}, {}, {}}}};
  int planned = 0;
  for (const auto& [name, tool] : tools) {
    ResolvedAgent resolved;
    resolved.llm.settings.general_tools = std::vector{tool};
    const config::Config config;
    const auto plan = make_call_plan(resolved, {}, {config, core::WallTime{}, "org", "", ""});
    const bool there = plan.dialogue.tools.size() == 1 && plan.dialogue.tools.front().name == name;
    EXPECT_EQ(there, check_runnable(resolved.llm.settings).has_value()) << name;
    planned += there ? 1 : 0;
  }
  EXPECT_EQ(planned, 3);
}

TEST(CallPlan, lets_keys_end_without_a_closing_one) {
  domain::AgentSettings settings;
  settings.user_dtmf_options = domain::UserDtmfOptions{.digit_limit = 4};
  const auto keys = plan_of(settings).turns.keys;
  EXPECT_EQ(keys.digit_limit, 4);
  EXPECT_FALSE(keys.termination_key.has_value());
  EXPECT_EQ(keys.timeout, engine::turn::DigitOptions{}.timeout);
}

}  // namespace
}  // namespace retell::services
