// Replies as the documentation describes them, where they are more than a domain type.
#pragma once
#include "domain/agent.hpp"
#include "domain/call.hpp"
#include "domain/chat_agent.hpp"
#include "domain/flow.hpp"
#include "domain/llm.hpp"
#include "services/agent_service.hpp"

namespace retell::api {

struct AgentHead {
  std::string agent_id;
  domain::Channel channel = domain::Channel::voice;
  std::int32_t version = 0;
  std::optional<std::int32_t> base_version = {};
  bool is_published = false;
  std::int64_t last_modification_timestamp = 0;  // epoch ms
  std::optional<std::vector<std::string>> assigned_tags = {};
};
BOOST_DESCRIBE_STRUCT(AgentHead, (),
                      (agent_id, channel, version, base_version, is_published, last_modification_timestamp,
                       assigned_tags))

struct Agent : AgentHead, domain::AgentSettings {};
BOOST_DESCRIBE_STRUCT(Agent, (AgentHead, domain::AgentSettings), ())

struct ChatAgent : AgentHead, domain::ChatAgentSettings {};
BOOST_DESCRIBE_STRUCT(ChatAgent, (AgentHead, domain::ChatAgentSettings), ())

struct EngineHead {
  std::int32_t version = 0;
  bool is_published = false;
  std::int64_t last_modification_timestamp = 0;  // epoch ms
};
BOOST_DESCRIBE_STRUCT(EngineHead, (), (version, is_published, last_modification_timestamp))

struct RetellLlm : EngineHead, domain::LlmSettings {
  std::string llm_id;
};
BOOST_DESCRIBE_STRUCT(RetellLlm, (EngineHead, domain::LlmSettings), (llm_id))

struct ConversationFlow : EngineHead, domain::FlowSettings {
  std::string conversation_flow_id;
};
BOOST_DESCRIBE_STRUCT(ConversationFlow, (EngineHead, domain::FlowSettings), (conversation_flow_id))

}  // namespace retell::api
