// What lets an agent write: its prompt, filled in, and a language model's answer. Stores nothing. An agent whose LLM
// has states, or tools other than end_call, cannot write yet and says so. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/variables.hpp"
#include "services/agent_service.hpp"
#include "services/chat_model.hpp"
#include "services/llm_service.hpp"

namespace retell::services {

// An agent with its words, ready to write.
struct ChatSpeaker {
  AgentView agent;
  domain::ChatAgentSettings settings;
  domain::LlmSettings llm;
  std::optional<storage::AgentTag> tag;
  [[nodiscard]] domain::Variables variables() const;  // the LLM's defaults, and the tag's
};

class ChatEngine {
 public:
  ChatEngine(AgentService& agents, LlmService& llms, ChatModel& model, const config::Config& config,
             const core::Clock& clock)
      : agents_(agents), llms_(llms), model_(model), config_(config), clock_(clock) {}

  // unprocessable for an unknown agent, or one that cannot write yet. Without a channel agents of any.
  [[nodiscard]] core::Task<core::Result<ChatSpeaker>> speaker(std::string organization_id, std::string agent_id,
                                                              storage::VersionChoice version,
                                                              std::optional<domain::Channel> channel);
  // Its first words, filled in; empty when it waits for the other side.
  [[nodiscard]] std::string opening(const ChatSpeaker& speaker, domain::Variables variables) const;
  // What it answers to the conversation.
  [[nodiscard]] core::Task<core::Result<ChatReply>> answer(const ChatSpeaker& speaker, domain::Variables variables,
                                                           std::vector<providers::LlmMessage> conversation);

 private:
  // With the times of the agent's zone.
  [[nodiscard]] domain::Variables timed(const ChatSpeaker& speaker, domain::Variables variables) const;

  AgentService& agents_;
  LlmService& llms_;
  ChatModel& model_;
  const config::Config& config_;
  const core::Clock& clock_;
};

}  // namespace retell::services
