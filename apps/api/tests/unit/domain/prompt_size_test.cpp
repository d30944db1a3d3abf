#include "domain/prompt_size.hpp"

#include <gtest/gtest.h>

#include "domain/flow.hpp"
#include "domain/llm.hpp"
#include "json/text.hpp"

namespace retell::domain {
namespace {

std::string times(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string message_of(const core::Result<LlmSettings>& settings) { return settings ? "" : settings.error().message; }

TEST(PromptSize, counts_the_pieces_that_every_tokenizer_cuts_a_text_into) {
  EXPECT_EQ(least_tokens(""), 0U);
  EXPECT_EQ(least_tokens("Hello"), 1U);
  EXPECT_EQ(least_tokens("Hello, world!"), 4U);          // Hello | , | world | !
  EXPECT_EQ(least_tokens("Não é (só) isso."), 6U);       // Não | é | (só | ) | isso | .
  EXPECT_EQ(least_tokens("1234567 days"), 4U);           // 123 | 456 | 7 | days
  EXPECT_EQ(least_tokens("# Rules\n\nBe kind.\n"), 6U);  // # | Rules | lines | Be | kind | . with its line
  EXPECT_EQ(least_tokens(std::string(160, 'x')), 10U);
  EXPECT_EQ(least_tokens("你好世界"), 2U);
}

// The second number is what GPT's own tokenizer (o200k_base) makes of the text.
TEST(PromptSize, never_finds_more_tokens_than_a_model_does_and_not_many_fewer) {
  const std::vector<std::pair<std::string, std::size_t>> texts = {
      {"You are a receptionist of a dental clinic. Ask for the caller's name, then offer two times.", 21},
      {"Você é recepcionista de uma clínica odontológica. Pergunte o nome de quem liga e ofereça dois horários.", 24},
      {"我们是一家牙科诊所的前台,请先问来电者的姓名,然后提供两个时间。", 25},
      {"ご予約のお名前を伺ってから、二つの時間をご提案ください。", 19},
      {"Вы администратор стоматологической клиники. Спросите имя звонящего.", 17}};
  for (const auto& [text, real] : texts) {
    EXPECT_LE(least_tokens(text), real) << text;
    EXPECT_GE(2 * least_tokens(text), real) << text;
  }
}

TEST(PromptSize, lets_a_prompt_at_the_limit_in_and_names_the_field_of_a_longer_one) {
  const auto at_the_limit = times(" word", most_prompt_tokens);
  EXPECT_EQ(message_of(read_llm_settings(json::Object{{"general_prompt", at_the_limit}})), "");
  EXPECT_EQ(message_of(read_llm_settings(json::Object{{"general_prompt", at_the_limit + " more"}})),
            "general_prompt: must be at most 32768 tokens; it is at least 32769");
}

TEST(PromptSize, of_a_state_counts_together_with_the_general_prompt) {
  const auto with_state = [](std::size_t general, std::size_t state) {
    const json::Object one{{"name", "a"}, {"state_prompt", times(" word", state)}};
    return message_of(read_llm_settings(json::Object{
        {"general_prompt", times(" word", general)}, {"states", json::Array{one}}, {"starting_state", "a"}}));
  };
  EXPECT_EQ(with_state(20'000, 12'768), "");
  EXPECT_EQ(with_state(20'000, 12'769),
            "states[0].state_prompt: must be at most 32768 tokens together with general_prompt; it is at least 32769");
  EXPECT_EQ(with_state(40'000, 1), "general_prompt: must be at most 32768 tokens; it is at least 40000");
}

TEST(PromptSize, of_a_flow_is_that_of_its_prompt_and_of_each_instruction) {
  const auto flow = [](std::size_t global, std::size_t instruction, const char* type = "prompt") {
    const json::Object node{{"id", "n"},
                            {"type", "conversation"},
                            {"instruction", json::Object{{"type", type}, {"text", times(" word", instruction)}}}};
    const auto checked =
        check_flow(json::Object{{"model_choice", json::Object{{"type", "cascading"}, {"model", "gpt-4.1"}}},
                                {"start_speaker", "agent"},
                                {"global_prompt", times(" word", global)},
                                {"nodes", json::Array{node}}});
    return checked ? "" : checked.error().message;
  };
  EXPECT_EQ(flow(30'000, 2'768), "");
  EXPECT_EQ(
      flow(30'000, 2'769),
      "nodes[0].instruction.text: must be at most 32768 tokens together with global_prompt; it is at least 32769");
  EXPECT_EQ(flow(32'769, 1), "global_prompt: must be at most 32768 tokens; it is at least 32769");
  EXPECT_EQ(flow(1, 40'000, "static_text"), "") << "what is spoken as it is, is no prompt";
}

}  // namespace
}  // namespace retell::domain
