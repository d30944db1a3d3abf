// A Retell LLM: prompt, tools and states of an agent, under Retell's names. Plain values.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "domain/references.hpp"
#include "domain/tools.hpp"
#include "json/read.hpp"
#include "json/write.hpp"

namespace retell::domain {

enum class Speaker : std::uint8_t { agent, user };
BOOST_DESCRIBE_ENUM(Speaker, agent, user)

struct KnowledgeConfig {
  std::optional<double> top_k = {};         // 1..10, 3
  std::optional<double> filter_score = {};  // 0..1, 0.6
};
BOOST_DESCRIBE_STRUCT(KnowledgeConfig, (), (top_k, filter_score))

struct McpServer {
  std::string name;
  std::string url;
  std::optional<TextMap> headers = {};
  std::optional<TextMap> query_params = {};
  std::optional<double> timeout_ms = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(McpServer, (), (name, url, headers, query_params, timeout_ms))

struct StateEdge {
  std::string destination_state_name;
  std::string description;
  std::optional<json::Object> parameters = {};
};
BOOST_DESCRIBE_STRUCT(StateEdge, (), (destination_state_name, description, parameters))

struct State {
  std::string name;
  std::optional<std::string> state_prompt = {};
  std::optional<std::vector<StateEdge>> edges = {};
  std::optional<std::vector<Tool>> tools = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(State, (), (name, state_prompt, edges, tools))

struct LlmSettings {
  std::optional<std::string> model = {};  // Retell's name; services/ map it to what the operator configured
  std::optional<std::string> s2s_model = {};
  std::optional<double> model_temperature = {};  // 0..1, 0
  std::optional<bool> model_high_priority = {};
  std::optional<bool> tool_call_strict_mode = {};
  std::optional<Speaker> start_speaker = {};
  std::optional<std::string> begin_message = {};  // empty optional: the model writes it; "": the caller begins
  std::optional<double> begin_after_user_silence_ms = {};
  std::optional<std::string> general_prompt = {};
  std::optional<std::vector<Tool>> general_tools = {};
  std::optional<std::vector<State>> states = {};
  std::optional<std::string> starting_state = {};
  std::optional<TextMap> default_dynamic_variables = {};
  std::optional<std::vector<std::string>> knowledge_base_ids = {};
  std::optional<KnowledgeConfig> kb_config = {};
  std::optional<std::vector<McpServer>> mcps = {};
  std::optional<bool> is_transfer_llm = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(LlmSettings, (),
                      (model, s2s_model, model_temperature, model_high_priority, tool_call_strict_mode, start_speaker,
                       begin_message, begin_after_user_silence_ms, general_prompt, general_tools, states,
                       starting_state, default_dynamic_variables, knowledge_base_ids, kb_config, mcps, is_transfer_llm))

struct RetellLlm {
  std::string llm_id;
  std::int32_t version = 0;
  bool is_published = false;
  std::int64_t last_modification_timestamp = 0;  // epoch ms
  LlmSettings settings = {};
};

[[nodiscard]] core::Result<LlmSettings> read_llm_settings(const json::Value& body);
// As patch_agent_settings.
[[nodiscard]] core::Result<LlmSettings> patch_llm_settings(const LlmSettings& settings, const json::Value& body);
[[nodiscard]] References references_of(const LlmSettings& settings);
[[nodiscard]] json::Value to_json(const LlmSettings& settings);
[[nodiscard]] json::Value to_json(const RetellLlm& llm);  // Retell's LlmResponse

}  // namespace retell::domain

extern template retell::core::Result<retell::domain::LlmSettings> retell::json::read<retell::domain::LlmSettings>(
    const retell::json::Value&);
extern template retell::json::Value retell::json::write<retell::domain::LlmSettings>(
    const retell::domain::LlmSettings&);
