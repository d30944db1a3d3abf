#include "domain/agent.hpp"

#include <gtest/gtest.h>

#include "domain/rules.hpp"
#include "json/text.hpp"

namespace retell::domain {
namespace {

json::Value of(std::string_view text) { return json::parse(text).value(); }

TEST(Agent, needs_only_an_engine_and_a_voice) {
  const auto settings =
      read_agent_settings(of(R"({"response_engine":{"type":"retell-llm","llm_id":"llm_1"},"voice_id":"retell-Cimo"})"));
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(std::get<RetellLlmEngine>(settings->response_engine).llm_id, "llm_1");
  EXPECT_EQ(primary_language(*settings), "en-US");
  const auto missing = read_agent_settings(of("{}"));
  EXPECT_EQ(missing.error().message, "response_engine: is required; voice_id: is required");
}

TEST(Agent, returns_every_setting_that_it_was_given) {
  const auto text =
      R"({"response_engine":{"type":"custom-llm","llm_websocket_url":"wss://example.com/llm"},"voice_id":"v",)"
      R"("agent_name":"Ana","voice_temperature":0.3,"ambient_sound":"coffee-shop","language":["pt-BR","en-US"],)"
      R"("voicemail_option":{"action":{"type":"static_text","text":"Bye"}},"handbook_config":{"ai_disclosure":true},)"
      R"("pii_config":{"mode":"post_call","categories":["email"]},)"
      R"("post_call_analysis_data":[{"type":"enum","name":"mood","description":"d","choices":["a"]},)"
      R"({"type":"system-presets","name":"call_summary"}],"webhook_events":["call_ended"],"setting_of_next_year":{"a":1}})";
  const auto settings = read_agent_settings(of(text));
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(json::dump(to_json(*settings)), json::dump(to_json(*read_agent_settings(to_json(*settings)))));
  const auto given = of(text);
  for (const auto& member : given.get_object()) {
    EXPECT_EQ(to_json(*settings).at(member.key()), member.value()) << member.key();
  }
}

TEST(Agent, names_each_setting_outside_its_range) {
  const auto settings = read_agent_settings(
      of(R"({"response_engine":{"type":"retell-llm","llm_id":"l"},"voice_id":"v","voice_speed":3,"responsiveness":-1,)"
         R"("max_call_duration_ms":1,"language":"xx-YY","timezone":"Mars/X","webhook_url":"ftp://x"})"));
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().code, core::ErrorCode::invalid);
  EXPECT_EQ(settings.error().message,
            "language: expected locales such as en-US or pt-BR; "
            "timezone: expected a zone of the IANA database, such as America/Sao_Paulo; "
            "voice_speed: must be from 0.5 to 2; "
            "responsiveness: must be from 0 to 1; max_call_duration_ms: must be from 60000 to 7200000; "
            "webhook_url: must be a URL beginning with http:// or https://");
}

TEST(Agent, update_replaces_what_is_named_and_null_clears) {
  const auto before = read_agent_settings(of(
      R"({"response_engine":{"type":"retell-llm","llm_id":"l","version":2},"voice_id":"v","agent_name":"A","volume":2})"));
  const auto after = patch_agent_settings(
      *before, of(R"({"response_engine":{"type":"custom-llm","llm_websocket_url":"ws://x"},"agent_name":null,)"
                  R"("agent_id":"agent_other","version":9})"));
  ASSERT_TRUE(after.has_value()) << after.error().message;
  EXPECT_EQ(json::dump(to_json(*after)),
            R"({"response_engine":{"type":"custom-llm","llm_websocket_url":"ws://x"},"voice_id":"v","volume":2})");
  EXPECT_FALSE(patch_agent_settings(*before, of(R"({"voice_id":null})")).has_value());
}

TEST(Agent, with_a_transcriber_of_its_own_says_which) {
  const std::string engine = R"({"response_engine":{"type":"retell-llm","llm_id":"l"},"voice_id":"v")";
  const auto* expected = "custom_stt_config: is required with stt_mode \"custom\"";
  EXPECT_EQ(read_agent_settings(of(engine + R"(,"stt_mode":"custom"})")).error().message, expected);
  const auto given = read_agent_settings(
      of(engine + R"(,"stt_mode":"custom","custom_stt_config":{"provider":"deepgram","endpointing_ms":50}})"));
  ASSERT_TRUE(given.has_value()) << given.error().message;
  EXPECT_EQ(patch_agent_settings(*given, of(R"({"custom_stt_config":null})")).error().message, expected);
  EXPECT_TRUE(patch_agent_settings(*given, of(R"({"custom_stt_config":null,"stt_mode":"fast"})")).has_value());
  // Stored before that was asked for: what a call overrides in it is another thing.
  auto before = *given;
  before.custom_stt_config.reset();
  EXPECT_TRUE(patch_agent_settings(before, of(R"({"voice_speed":1.5})")).has_value());
  EXPECT_EQ(patch_agent_settings(before, of(R"({"stt_mode":"custom"})")).error().message, expected);
}

TEST(Agent, has_an_address_to_ask_and_choices_to_choose_from) {
  const auto settings =
      read_agent_settings(of(R"({"response_engine":{"type":"custom-llm","llm_websocket_url":""},"voice_id":"v"})"));
  EXPECT_EQ(settings.error().message, "response_engine.llm_websocket_url: must not be empty");
  const auto analysed = read_agent_settings(
      of(R"({"response_engine":{"type":"retell-llm","llm_id":"l"},"voice_id":"v","post_call_analysis_data":[)"
         R"({"type":"enum","name":"n","description":"d","choices":[]}]})"));
  EXPECT_EQ(analysed.error().message, "post_call_analysis_data[0].choices: must not be empty");
}

TEST(Agent, sends_three_events_unless_told_otherwise) {
  AgentSettings settings;
  EXPECT_TRUE(wants_webhook(settings, WebhookEvent::call_analyzed));
  EXPECT_FALSE(wants_webhook(settings, WebhookEvent::transcript_updated));
  settings.webhook_events = std::vector<WebhookEvent>{WebhookEvent::transcript_updated};
  EXPECT_FALSE(wants_webhook(settings, WebhookEvent::call_started));
  EXPECT_TRUE(wants_webhook(settings, WebhookEvent::transcript_updated));
}

TEST(Agent, settings_that_no_call_could_follow_are_refused) {
  const auto problem = [](const std::string& member) {
    const auto settings = read_agent_settings(
        of(R"({"response_engine":{"type":"retell-llm","llm_id":"llm_1"},"voice_id":"v",)" + member + "}"));
    return settings ? "" : settings.error().message;
  };
  EXPECT_EQ(problem(R"("reminder_max_count":1.5)"), "reminder_max_count: must be a whole number");
  EXPECT_EQ(problem(R"("reminder_max_count":2)"), "");
  const auto prompt = [&](std::size_t length) {
    return problem(R"("voicemail_option":{"action":{"type":"hangup"},"detection_prompt":")" + std::string(length, 'x') +
                   "\"}");
  };
  EXPECT_EQ(prompt(2'000), "");
  EXPECT_EQ(prompt(2'001), "voicemail_option.detection_prompt: must be at most 2000 characters long");
}

TEST(Rules, count_the_characters_that_people_type) {
  json::Problems problems;
  std::string accents;
  for (int i = 0; i < 40; ++i) accents += "\u00e9";
  check_text(problems, "name", accents, 40);
  EXPECT_TRUE(problems.empty());
  check_text(problems, "name", accents, 39);
  EXPECT_EQ(problems.error().message, "name: must be at most 39 characters long");
}

}  // namespace
}  // namespace retell::domain
