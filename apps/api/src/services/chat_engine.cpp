#include "services/chat_engine.hpp"

#include <algorithm>

#include "json/read.hpp"
#include "services/runnable.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

std::string fill(const std::string& text, domain::Variables variables, core::WallTime now) {
  domain::add_zoned_time_variables(text, now, variables);
  return domain::fill_variables(text, variables);
}

}  // namespace

domain::Variables ChatSpeaker::variables() const {
  domain::Variables all = llm.default_dynamic_variables.value_or(domain::TextMap{});
  if (tag) {
    for (const auto& [name, value] : tag->dynamic_variables) all[name] = value;
  }
  return all;
}

core::Task<core::Result<ChatSpeaker>> ChatEngine::speaker(std::string organization_id, std::string agent_id,
                                                          storage::VersionChoice version,
                                                          std::optional<domain::Channel> channel) {
  constexpr auto not_yet = " are not available on this server yet.";
  ChatSpeaker speaker;
  auto agent = co_await agents_.view(organization_id, agent_id, version, channel);
  if (!agent) co_return tl::unexpected(agent.error());
  speaker.agent = std::move(*agent);
  auto settings = json::read<domain::ChatAgentSettings>(speaker.agent.settings);
  if (!settings) co_return tl::unexpected(settings.error());
  speaker.settings = std::move(*settings);
  const auto* engine = std::get_if<domain::RetellLlmEngine>(&speaker.settings.response_engine);
  if (engine == nullptr) {
    co_return fail(ErrorCode::unprocessable, std::string("Chats with agents of other types than retell-llm") + not_yet,
                   "agent_id");
  }
  storage::VersionChoice llm_version;
  if (engine->version) llm_version = {storage::VersionChoice::Kind::exact, *engine->version};
  auto llm = co_await llms_.get(organization_id, engine->llm_id, llm_version);
  if (!llm) co_return tl::unexpected(llm.error());
  speaker.llm = std::move(llm->settings);
  if (const auto able = check_runnable(speaker.llm); !able) co_return tl::unexpected(able.error());
  const auto is_end = [](const domain::Tool& tool) { return std::holds_alternative<domain::EndCallTool>(tool); };
  const auto& tools = speaker.llm.general_tools;
  if ((speaker.llm.states && !speaker.llm.states->empty()) ||
      (tools && !std::all_of(tools->begin(), tools->end(), is_end))) {
    co_return fail(ErrorCode::unprocessable,
                   std::string("Chats with agents that have states, or tools other than end_call,") + not_yet,
                   "agent_id");
  }
  if (version.kind == storage::VersionChoice::Kind::tag) {
    auto tag = co_await agents_.tag(std::move(organization_id), std::move(agent_id), version.name);
    if (!tag) co_return tl::unexpected(tag.error());
    speaker.tag = std::move(*tag);
  }
  co_return speaker;
}

domain::Variables ChatEngine::timed(const ChatSpeaker& speaker, domain::Variables variables) const {
  const auto zone = speaker.settings.timezone.value_or("America/Los_Angeles");
  for (auto& [name, value] : domain::time_variables(clock_.wall(), zone)) variables[name] = value;
  return variables;
}

std::string ChatEngine::opening(const ChatSpeaker& speaker, domain::Variables variables) const {
  const auto begin = speaker.llm.begin_message.value_or("");
  if (begin.empty() || speaker.llm.start_speaker == domain::Speaker::user) return {};
  return fill(begin, timed(speaker, std::move(variables)), clock_.wall());
}

core::Task<core::Result<ChatReply>> ChatEngine::answer(const ChatSpeaker& speaker, domain::Variables variables,
                                                       std::vector<providers::LlmMessage> conversation) {
  variables = timed(speaker, std::move(variables));
  ChatPrompt prompt;
  const auto& providers = config_.providers;
  const auto mapped = providers.llm_models.find(speaker.llm.model.value_or("gpt-4.1"));
  prompt.vendor = mapped == providers.llm_models.end() ? providers.llm : mapped->second;
  prompt.fallbacks = providers.llm_fallbacks;
  prompt.request.messages.push_back(
      {providers::Role::system, fill(speaker.llm.general_prompt.value_or(""), variables, clock_.wall())});
  for (auto& message : conversation) prompt.request.messages.push_back(std::move(message));
  prompt.request.temperature = speaker.llm.model_temperature;
  for (const auto& tool : speaker.llm.general_tools.value_or(std::vector<domain::Tool>{})) {
    const auto& end = std::get<domain::EndCallTool>(tool);
    prompt.request.tools.push_back({end.name,
                                    fill(end.description.value_or("Ends the chat."), variables, clock_.wall()),
                                    json::Object{{"type", "object"}, {"properties", json::Object{}}}});
  }
  co_return co_await model_.complete(std::move(prompt));
}

}  // namespace retell::services
