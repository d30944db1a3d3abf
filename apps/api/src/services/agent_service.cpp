#include "services/agent_service.hpp"

#include "core/ids.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;
using Kind = storage::VersionChoice::Kind;

tl::unexpected<core::Error> no_agent(const std::string& agent_id) {
  return fail(ErrorCode::unprocessable, "Agent " + agent_id + " not found");
}

std::string lower(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

storage::VersionChoice choice_of(const domain::RetellLlmEngine& engine) {
  return engine.version ? storage::VersionChoice{Kind::exact, *engine.version} : storage::VersionChoice{};
}

}  // namespace

core::Task<core::Result<>> AgentService::apply(std::vector<storage::Statement> statements) {
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> AgentService::check_references(std::string organization_id,
                                                          const domain::AgentSettings& settings) {
  if (const auto voice = voices_.find(settings.voice_id); !voice) co_return tl::unexpected(voice.error());
  if (const auto* engine = std::get_if<domain::RetellLlmEngine>(&settings.response_engine)) {
    const auto llm = co_await llms_.find(std::move(organization_id), engine->llm_id, choice_of(*engine));
    if (!llm) co_return tl::unexpected(llm.error());
    if (!llm->has_value()) {
      co_return fail(ErrorCode::unprocessable, "Retell LLM " + engine->llm_id + " not found", "response_engine.llm_id");
    }
  } else if (const auto* flow = std::get_if<domain::ConversationFlowEngine>(&settings.response_engine)) {
    co_return fail(ErrorCode::unprocessable, "Conversation flow " + flow->conversation_flow_id + " not found",
                   "response_engine.conversation_flow_id");
  }
  co_return core::Result<>{};
}

core::Task<core::Result<domain::Agent>> AgentService::create(std::string organization_id, json::Value body) {
  auto settings = domain::read_agent_settings(body);
  if (!settings) co_return tl::unexpected(settings.error());
  const auto checked = co_await check_references(organization_id, *settings);
  if (!checked) co_return tl::unexpected(checked.error());
  domain::Agent agent{.agent_id = core::make_id("agent_"),
                      .version = 0,
                      .base_version = std::nullopt,
                      .is_published = false,
                      .last_modification_timestamp = core::epoch_ms(clock_.wall()),
                      .settings = std::move(*settings)};
  const auto done = co_await database_.execute(storage::AgentStore::insert(organization_id, agent));
  if (!done) co_return tl::unexpected(done.error());
  co_return agent;
}

core::Task<core::Result<domain::Agent>> AgentService::get(std::string organization_id, std::string agent_id,
                                                          storage::VersionChoice version) {
  const auto found = co_await agents_.find(std::move(organization_id), agent_id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return no_agent(agent_id);
  co_return **found;
}

core::Task<core::Result<domain::Agent>> AgentService::snapshot(std::string organization_id, std::string agent_id,
                                                               storage::VersionChoice version) {
  const auto found = co_await agents_.snapshot(std::move(organization_id), agent_id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return no_agent(agent_id);
  co_return **found;
}

core::Task<core::Result<domain::Agent>> AgentService::exact(std::string organization_id, std::string agent_id,
                                                            std::int32_t version) {
  const auto found = co_await agents_.find(std::move(organization_id), agent_id, {Kind::exact, version});
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) {
    co_return fail(ErrorCode::not_found, "Agent " + agent_id + " has no version " + std::to_string(version));
  }
  co_return **found;
}

core::Task<core::Result<domain::Agent>> AgentService::update(std::string organization_id, std::string agent_id,
                                                             storage::VersionChoice version, json::Value body) {
  auto agent = co_await get(organization_id, agent_id, version);
  if (!agent) co_return agent;
  if (agent->is_published) {
    co_return fail(ErrorCode::precondition, "Version " + std::to_string(agent->version) +
                                                " is published and cannot be changed; create a new version of it");
  }
  auto settings = domain::patch_agent_settings(agent->settings, body);
  if (!settings) co_return tl::unexpected(settings.error());
  const auto checked = co_await check_references(organization_id, *settings);
  if (!checked) co_return tl::unexpected(checked.error());
  agent->settings = std::move(*settings);
  agent->last_modification_timestamp = core::epoch_ms(clock_.wall());
  std::vector<storage::Statement> statements;
  statements.push_back(storage::AgentStore::update_draft(organization_id, *agent));
  const auto done = co_await apply(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return agent;
}

core::Task<core::Result<storage::Page<domain::Agent>>> AgentService::list(std::string organization_id,
                                                                          storage::PageQuery query, std::string name) {
  if (name.empty()) co_return co_await agents_.list(std::move(organization_id), std::move(query));
  const auto wanted = lower(name);
  storage::Page<domain::Agent> page;
  storage::PageQuery cursor = query;
  cursor.limit = 500;
  for (;;) {
    auto some = co_await agents_.list(organization_id, cursor);
    if (!some) co_return some;
    for (auto& agent : some->items) {
      const bool by_name = lower(agent.settings.agent_name.value_or("")).find(wanted) != std::string::npos;
      if (!by_name && agent.agent_id.find(name) == std::string::npos) continue;
      if (page.items.size() == static_cast<std::size_t>(query.limit)) {
        page.has_more = true;
        page.next = page.items.back().agent_id;
        co_return page;
      }
      page.items.push_back(std::move(agent));
    }
    if (!some->has_more) co_return page;
    cursor.after = some->next;
  }
}

core::Task<core::Result<std::vector<domain::Agent>>> AgentService::versions(std::string organization_id,
                                                                            std::string agent_id) {
  auto versions = co_await agents_.versions(std::move(organization_id), agent_id);
  if (versions && versions->empty()) co_return no_agent(agent_id);
  co_return versions;
}

core::Task<core::Result<>> AgentService::remove(std::string organization_id, std::string agent_id) {
  const auto done = co_await database_.execute(storage::AgentStore::remove(organization_id, agent_id));
  if (!done) co_return tl::unexpected(done.error());
  if (done->empty()) co_return no_agent(agent_id);
  co_return core::Result<>{};
}

core::Task<core::Result<domain::Agent>> AgentService::create_version(std::string organization_id, std::string agent_id,
                                                                     std::int32_t base) {
  auto agent = co_await exact(organization_id, agent_id, base);
  if (!agent) co_return agent;
  const auto latest = co_await get(organization_id, agent_id, {});
  if (!latest) co_return latest;
  const auto now = core::epoch_ms(clock_.wall());
  std::vector<storage::Statement> statements;
  if (auto* engine = std::get_if<domain::RetellLlmEngine>(&agent->settings.response_engine)) {
    const auto llm = co_await llms_.find(organization_id, engine->llm_id, choice_of(*engine));
    if (!llm) co_return tl::unexpected(llm.error());
    if (llm->has_value() && (*llm)->is_published) {
      const auto newest = co_await llms_.find(organization_id, engine->llm_id, {});
      if (!newest) co_return tl::unexpected(newest.error());
      auto draft = **llm;
      draft.version = (*newest)->version + 1;
      draft.is_published = false;
      draft.last_modification_timestamp = now;
      engine->version = draft.version;
      statements.push_back(storage::LlmStore::insert(organization_id, draft));
    }
  }
  agent->version = latest->version + 1;
  agent->base_version = base;
  agent->is_published = false;
  agent->last_modification_timestamp = now;
  agent->settings.version_title.reset();
  agent->settings.version_description.reset();
  statements.push_back(storage::AgentStore::insert(organization_id, *agent));
  const auto done = co_await apply(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return agent;
}

core::Task<core::Result<>> AgentService::remove_version(std::string organization_id, std::string agent_id,
                                                        std::int32_t version) {
  const auto all = co_await versions(organization_id, agent_id);
  if (!all) co_return tl::unexpected(all.error());
  const auto done = co_await exact(organization_id, agent_id, version);
  if (!done) co_return tl::unexpected(done.error());
  if (all->size() == 1) co_return fail(ErrorCode::invalid, "the only version of an agent cannot be deleted");
  std::vector<storage::Statement> statements;
  statements.push_back(storage::AgentStore::remove_version(organization_id, agent_id, version));
  co_return co_await apply(std::move(statements));
}

core::Task<core::Result<>> AgentService::publish(std::string organization_id, std::string agent_id,
                                                 PublishRequest request) {
  auto agent = co_await exact(organization_id, agent_id, request.version);
  if (!agent) co_return tl::unexpected(agent.error());
  if (agent->is_published) co_return core::Result<>{};
  agent->is_published = true;
  agent->last_modification_timestamp = core::epoch_ms(clock_.wall());
  if (request.version_title) agent->settings.version_title = request.version_title;
  if (request.version_description) agent->settings.version_description = request.version_description;
  std::vector<storage::Statement> statements;
  if (auto* engine = std::get_if<domain::RetellLlmEngine>(&agent->settings.response_engine)) {
    const auto llm = co_await llms_.find(organization_id, engine->llm_id, choice_of(*engine));
    if (!llm) co_return tl::unexpected(llm.error());
    if (!llm->has_value()) co_return fail(ErrorCode::unprocessable, "Retell LLM " + engine->llm_id + " not found");
    engine->version = (*llm)->version;  // the published agent keeps the words that it has today
    statements.push_back(storage::LlmStore::publish(organization_id, engine->llm_id, (*llm)->version));
  }
  statements.push_back(storage::AgentStore::update_draft(organization_id, *agent));
  co_return co_await apply(std::move(statements));
}

core::Task<core::Result<>> AgentService::publish_latest(std::string organization_id, std::string agent_id) {
  const auto latest = co_await get(organization_id, agent_id, {});
  if (!latest) co_return tl::unexpected(latest.error());
  PublishRequest request;
  request.version = latest->version;
  const auto published = co_await publish(organization_id, agent_id, std::move(request));
  if (!published) co_return published;
  const auto next = co_await create_version(organization_id, agent_id, latest->version);
  if (!next) co_return tl::unexpected(next.error());
  co_return core::Result<>{};
}

}  // namespace retell::services
