#include "services/agent_version_service.hpp"

#include <algorithm>

#include "json/write.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t most_tags = 10;
constexpr int most_tries = 20;  // of those that create versions of one agent at once, one succeeds each time

core::Result<domain::ResponseEngine> engine_of(const storage::AgentRecord& agent) {
  const auto* engine = agent.settings.if_contains("response_engine");
  return json::read<domain::ResponseEngine>(engine == nullptr ? json::Value() : *engine);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_agent_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 20 || tag.starts_with("latest")) return false;
  if (tag[0] == 'v' && tag.size() > 1 && std::all_of(tag.begin() + 1, tag.end(), is_digit)) return false;
  return tag[0] >= 'a' && tag[0] <= 'z' && std::all_of(tag.begin(), tag.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-';
         });
}

core::Task<core::Result<storage::AgentRecord>> AgentVersionService::find(std::string organization_id,
                                                                         std::string agent_id, std::int32_t version) {
  auto found = co_await agents_.find_record(std::move(organization_id), agent_id,
                                            {storage::VersionChoice::Kind::exact, version});
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) {
    co_return fail(ErrorCode::not_found, "Agent " + agent_id + " has no version " + std::to_string(version));
  }
  co_return std::move(**found);
}

core::Task<core::Result<std::vector<AgentView>>> AgentVersionService::list(std::string organization_id,
                                                                           std::string agent_id) {
  auto versions = co_await agents_.versions(organization_id, agent_id);
  if (!versions) co_return tl::unexpected(versions.error());
  if (versions->empty()) co_return fail(ErrorCode::unprocessable, "Agent " + agent_id + " not found");
  const auto tags = co_await tags_.of(std::move(organization_id), {agent_id});
  if (!tags) co_return tl::unexpected(tags.error());
  std::vector<AgentView> views;
  for (auto& version : *versions) views.push_back({std::move(version), *tags});
  co_return views;
}

core::Task<core::Result<AgentView>> AgentVersionService::create(std::string organization_id, std::string agent_id,
                                                                std::int32_t base) {
  for (int tries = 1;; ++tries) {
    auto agent = co_await try_create(organization_id, agent_id, base);
    const bool taken = !agent && agent.error().code == ErrorCode::conflict;  // its number, or its engine's
    if (!taken || tries == most_tries) co_return agent;
  }
}

core::Task<core::Result<AgentView>> AgentVersionService::try_create(std::string organization_id, std::string agent_id,
                                                                    std::int32_t base) {
  auto agent = co_await find(organization_id, agent_id, base);
  if (!agent) co_return tl::unexpected(agent.error());
  const auto number = co_await agents_.next_version(organization_id, agent_id);
  if (!number) co_return tl::unexpected(number.error());
  auto engine = engine_of(*agent);
  if (!engine) co_return tl::unexpected(engine.error());
  auto step = co_await engines_.branch(organization_id, std::move(*engine));
  if (!step) co_return tl::unexpected(step.error());
  agent->settings["response_engine"] = json::write(step->engine);
  agent->settings.erase("version_title");
  agent->settings.erase("version_description");
  agent->version = *number;
  agent->base_version = base;
  agent->is_published = false;
  agent->modified_at = core::epoch_ms(clock_.wall());
  step->statements.push_back(storage::AgentStore::take_version(organization_id, agent_id, *number));
  step->statements.push_back(storage::AgentStore::insert(organization_id, *agent));
  const auto done = co_await database_.transaction(std::move(step->statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return AgentView{std::move(*agent), {}};
}

core::Task<core::Result<>> AgentVersionService::remove(std::string organization_id, std::string agent_id,
                                                       std::int32_t version) {
  const auto all = co_await list(organization_id, agent_id);
  if (!all) co_return tl::unexpected(all.error());
  const auto there = co_await find(organization_id, agent_id, version);
  if (!there) co_return tl::unexpected(there.error());
  if (all->size() == 1) co_return fail(ErrorCode::invalid, "the only version of an agent cannot be deleted");
  std::vector<storage::Statement> statements;
  statements.push_back(storage::AgentStore::keep_version(organization_id, agent_id, version));
  statements.push_back(storage::AgentTagStore::remove_of(organization_id, agent_id, version));
  statements.push_back(storage::AgentStore::remove_version(organization_id, agent_id, version));
  statements.back().at_least_rows = 1;  // else somebody else has removed it meanwhile
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> AgentVersionService::publish(std::string organization_id, std::string agent_id,
                                                        PublishRequest request) {
  auto agent = co_await find(organization_id, agent_id, request.version);
  if (!agent) co_return tl::unexpected(agent.error());
  if (agent->is_published) co_return core::Result<>{};
  auto engine = engine_of(*agent);
  if (!engine) co_return tl::unexpected(engine.error());
  auto step = co_await engines_.freeze(organization_id, std::move(*engine));
  if (!step) co_return tl::unexpected(step.error());
  agent->settings["response_engine"] = json::write(step->engine);
  if (request.version_title) agent->settings["version_title"] = *request.version_title;
  if (request.version_description) agent->settings["version_description"] = *request.version_description;
  agent->is_published = true;
  agent->modified_at = core::epoch_ms(clock_.wall());
  step->statements.push_back(storage::AgentStore::update_draft(organization_id, *agent));
  const auto done = co_await database_.transaction(std::move(step->statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> AgentVersionService::publish_latest(std::string organization_id, std::string agent_id) {
  const auto versions = co_await list(organization_id, agent_id);
  if (!versions) co_return tl::unexpected(versions.error());
  PublishRequest request;
  request.version = versions->front().version;
  const auto published = co_await publish(organization_id, agent_id, request);
  if (!published) co_return published;
  const auto next = co_await create(organization_id, agent_id, request.version);
  if (!next) co_return tl::unexpected(next.error());
  co_return core::Result<>{};
}

core::Task<core::Result<AgentView>> AgentVersionService::set_tag(std::string organization_id, std::string agent_id,
                                                                 std::string tag, TagRequest request) {
  if (!is_agent_tag(tag)) {
    co_return fail(ErrorCode::invalid,
                   "tag: must be 1 to 20 of a-z, 0-9, _ and -, begin with a letter and name no version", "tag");
  }
  auto agent = co_await find(organization_id, agent_id, request.version);
  if (!agent) co_return tl::unexpected(agent.error());
  const auto before = co_await tags_.of(organization_id, {agent_id});
  if (!before) co_return tl::unexpected(before.error());
  const bool known = std::any_of(before->begin(), before->end(), [&](const auto& one) { return one.tag == tag; });
  if (!known && before->size() >= most_tags) co_return fail(ErrorCode::invalid, "an agent has at most 10 tags", "tag");
  const auto done = co_await tags_.set(
      organization_id, {agent_id, tag, request.version, request.dynamic_variables.value_or(domain::TextMap{})},
      core::epoch_ms(clock_.wall()));
  if (!done) co_return tl::unexpected(done.error());
  auto tags = co_await tags_.of(std::move(organization_id), {agent_id});
  if (!tags) co_return tl::unexpected(tags.error());
  co_return AgentView{std::move(*agent), std::move(*tags)};
}

core::Task<core::Result<>> AgentVersionService::remove_tag(std::string organization_id, std::string agent_id,
                                                           std::string tag) {
  const auto done = co_await tags_.remove(std::move(organization_id), std::move(agent_id), tag);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return fail(ErrorCode::not_found, "there is no tag " + tag);
  co_return core::Result<>{};
}

}  // namespace retell::services
