#include "services/agent_service.hpp"

#include "core/ids.hpp"
#include "json/text.hpp"
#include "services/version_choice.hpp"
#include "text/utf8.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr int search_step = 500;

core::Result<domain::AgentSettings> patch_voice_agent(const json::Object& before, const json::Value& body) {
  auto settings = json::read<domain::AgentSettings>(before);
  if (!settings) return settings;
  return domain::patch_agent_settings(*settings, body);
}

// The voices that stand in for the agent's own while its vendor is down, where the request names them or it: that they
// exist, and that another vendor speaks them.
core::Result<> check_fallbacks(const VoiceCatalog& voices, const domain::AgentSettings& settings,
                               const CatalogVoice& own, const json::Value& body) {
  const bool named = body.get_object().contains("fallback_voice_ids");
  if (!settings.fallback_voice_ids || !(named || body.get_object().contains("voice_id"))) return {};
  for (std::size_t i = 0; i < settings.fallback_voice_ids->size(); ++i) {
    auto field = "fallback_voice_ids[" + std::to_string(i) + "]";
    const auto voice = voices.find((*settings.fallback_voice_ids)[i]);
    if (!voice && named) {
      auto message = field + ": " + voice.error().message;
      return fail(voice.error().code, std::move(message), std::move(field));
    }
    if (voice && voice->vendor == own.vendor) {
      auto message = field + ": must be a voice of another provider than voice_id's, for when that one is down; " +
                     voice->voice.voice_id + " is of " + voice->vendor + ", too";
      return fail(ErrorCode::unprocessable, std::move(message), std::move(field));
    }
  }
  return {};
}

}  // namespace

std::string agent_name(const storage::AgentRecord& agent) {
  const auto* name = agent.settings.if_contains("agent_name");
  return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

json::Object to_json(const AgentView& agent) {
  json::Object out;
  out["agent_id"] = agent.agent_id;
  out["channel"] = json::enum_name(agent.channel);
  out["version"] = agent.version;
  out["base_version"] = agent.base_version ? json::Value(*agent.base_version) : json::Value(nullptr);
  out["is_published"] = agent.is_published;
  out["last_modification_timestamp"] = agent.modified_at;
  json::Array tags;
  for (const auto& tag : agent.tags) {
    if (tag.version == agent.version) tags.emplace_back(tag.tag);
  }
  if (!tags.empty()) out["assigned_tags"] = std::move(tags);
  for (const auto& member : agent.settings) out.emplace(member.key(), member.value());
  return out;
}

core::Task<core::Result<json::Object>> AgentService::check(std::string organization_id, domain::Channel channel,
                                                           std::optional<json::Object> before, json::Value body) {
  json::Object settings;
  domain::ResponseEngine engine;
  if (channel == domain::Channel::chat) {
    auto checked = before ? domain::patch_chat_agent(*before, body) : domain::check_chat_agent(body);
    if (!checked) co_return tl::unexpected(checked.error());
    settings = std::move(checked->settings);
    engine = std::move(checked->response_engine);
  } else {
    auto checked = before ? patch_voice_agent(*before, body) : domain::read_agent_settings(body);
    if (!checked) co_return tl::unexpected(checked.error());
    const auto voice = voices_.find(checked->voice_id);
    if (!voice) co_return tl::unexpected(voice.error());
    if (auto good = check_fallbacks(voices_, *checked, *voice, body); !good) co_return tl::unexpected(good.error());
    settings = domain::to_json(*checked).as_object();
    engine = std::move(checked->response_engine);
  }
  const auto exists = co_await engines_.check(std::move(organization_id), std::move(engine));
  if (!exists) co_return tl::unexpected(exists.error());
  co_return settings;
}

core::Task<core::Result<AgentView>> AgentService::create(std::string organization_id, json::Value body,
                                                         domain::Channel channel) {
  auto settings = co_await check(organization_id, channel, std::nullopt, std::move(body));
  if (!settings) co_return tl::unexpected(settings.error());
  AgentView agent;
  agent.agent_id = core::make_id("agent_");
  agent.channel = channel;
  agent.modified_at = core::epoch_ms(clock_.wall());
  agent.settings = std::move(*settings);
  const auto done = co_await database_.execute(storage::AgentStore::insert(organization_id, agent));
  if (!done) co_return tl::unexpected(done.error());
  co_return agent;
}

core::Task<core::Error> AgentService::missing(std::string organization_id, std::string agent_id,
                                              storage::VersionChoice version, std::optional<domain::Channel> channel) {
  const auto any = co_await agents_.find_record(std::move(organization_id), agent_id, {});
  if (!any) co_return any.error();
  const bool there = any->has_value() && (!channel || (*any)->channel == *channel);
  co_return core::Error{ErrorCode::unprocessable, not_found_text("Agent " + agent_id, version, there)};
}

core::Task<core::Result<domain::Agent>> AgentService::get(std::string organization_id, std::string agent_id,
                                                          storage::VersionChoice version) {
  const auto found = co_await agents_.find(organization_id, agent_id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) {
    co_return tl::unexpected(co_await missing(organization_id, agent_id, version, domain::Channel::voice));
  }
  co_return **found;
}

core::Task<core::Result<domain::Agent>> AgentService::snapshot(std::string organization_id, std::string agent_id,
                                                               storage::VersionChoice version) {
  const auto found = co_await agents_.snapshot(organization_id, agent_id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) {
    co_return tl::unexpected(co_await missing(organization_id, agent_id, version, domain::Channel::voice));
  }
  co_return **found;
}

core::Task<core::Result<AgentView>> AgentService::view(std::string organization_id, std::string agent_id,
                                                       storage::VersionChoice version,
                                                       std::optional<domain::Channel> channel) {
  auto found = co_await agents_.record_snapshot(organization_id, agent_id, version);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) {
    co_return tl::unexpected(co_await missing(organization_id, agent_id, version, channel));
  }
  if (channel && (*found)->channel != *channel) {
    co_return fail(ErrorCode::unprocessable, "Agent " + agent_id + " not found");
  }
  auto tags = co_await tags_.snapshots(std::move(organization_id), agent_id);
  if (!tags) co_return tl::unexpected(tags.error());
  co_return AgentView{std::move(**found), std::move(*tags)};
}

core::Task<core::Result<std::string>> AgentService::shown(std::string organization_id, std::string agent_id,
                                                          storage::VersionChoice version, domain::Channel channel) {
  auto text = co_await agents_.snapshot_text(organization_id, agent_id, version);
  if (!text) co_return text;
  const auto tags = co_await tags_.snapshots_text(organization_id, agent_id);
  if (!tags) co_return tags;
  const auto key = organization_id + "/" + agent_id;
  const auto made_of = *text + "\n" + *tags;
  if (auto known = shown_.recall(key, made_of); known && known->channel == channel) co_return std::move(known->json);
  auto record = storage::AgentStore::read_snapshot(*text);
  auto read_tags = storage::AgentTagStore::read_snapshots(*tags);
  if (!record || !record->has_value() || (*record)->channel != channel || !read_tags) {
    const auto agent = co_await view(std::move(organization_id), std::move(agent_id), std::move(version), channel);
    if (!agent) co_return tl::unexpected(agent.error());
    co_return json::dump(to_json(*agent));
  }
  auto json = json::dump(to_json(AgentView{std::move(**record), std::move(*read_tags)}));
  shown_.remember(key, made_of, {channel, json});
  co_return json;
}

core::Task<core::Result<AgentView>> AgentService::draft(std::string organization_id, std::string agent_id,
                                                        storage::VersionChoice version, domain::Channel channel) {
  auto agent = co_await view(std::move(organization_id), std::move(agent_id), std::move(version), channel);
  if (agent && agent->is_published) {
    co_return fail(ErrorCode::precondition, "Version " + std::to_string(agent->version) +
                                                " is published and cannot be changed; create a new version of it");
  }
  co_return agent;
}

core::Task<core::Result<AgentView>> AgentService::update(std::string organization_id, std::string agent_id,
                                                         storage::VersionChoice version, json::Value body,
                                                         domain::Channel channel) {
  auto agent = co_await draft(organization_id, agent_id, std::move(version), channel);
  if (!agent) co_return agent;
  auto settings = co_await check(organization_id, channel, agent->settings, std::move(body));
  if (!settings) co_return tl::unexpected(settings.error());
  agent->settings = std::move(*settings);
  agent->modified_at = core::epoch_ms(clock_.wall());
  std::vector<storage::Statement> statements;
  statements.push_back(storage::AgentStore::update_draft(organization_id, *agent));
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return agent;
}

core::Task<core::Result<storage::Page<AgentView>>> AgentService::with_tags(
    std::string organization_id, storage::Page<storage::AgentRecord> records) {
  std::vector<std::string> ids;
  ids.reserve(records.items.size());
  for (const auto& record : records.items) ids.push_back(record.agent_id);
  const auto tags = co_await tags_.of(std::move(organization_id), std::move(ids));
  if (!tags) co_return tl::unexpected(tags.error());
  storage::Page<AgentView> page{{}, records.has_more, std::move(records.next)};
  for (auto& record : records.items) {
    AgentView view{std::move(record), {}};
    for (const auto& tag : *tags) {
      if (tag.agent_id == view.agent_id) view.tags.push_back(tag);
    }
    page.items.push_back(std::move(view));
  }
  co_return page;
}

core::Task<core::Result<storage::Page<AgentView>>> AgentService::list(std::string organization_id,
                                                                      storage::PageQuery query, std::string name,
                                                                      std::optional<domain::Channel> channel) {
  const auto wanted = text::fold(name);
  const auto fits = [&](const storage::AgentRecord& agent) {
    return name.empty() || text::fold(agent_name(agent)).find(wanted) != std::string::npos ||
           agent.agent_id.find(name) != std::string::npos;
  };
  storage::Page<storage::AgentRecord> page;
  auto cursor = query;
  if (!name.empty()) cursor.limit = search_step;
  for (;;) {
    auto some = co_await agents_.list(organization_id, cursor, channel);
    if (!some) co_return tl::unexpected(some.error());
    for (auto& agent : some->items) {
      if (!fits(agent)) continue;
      page.has_more = page.items.size() == static_cast<std::size_t>(query.limit);
      if (page.has_more) break;
      page.next = storage::page_key(agent.created_at, agent.agent_id);
      page.items.push_back(std::move(agent));
    }
    if (name.empty()) page.has_more = some->has_more;
    if (page.has_more || !some->has_more) break;
    cursor.after = some->next;
  }
  if (!page.has_more) page.next.clear();
  co_return co_await with_tags(std::move(organization_id), std::move(page));
}

core::Task<core::Result<std::vector<AgentView>>> AgentService::list_versions(
    std::string organization_id, domain::Channel channel, int limit, std::string after_id,
    std::optional<std::int32_t> after_version) {
  auto records = co_await agents_.list_versions(organization_id, channel, limit, std::move(after_id), after_version);
  if (!records) co_return tl::unexpected(records.error());
  auto page = co_await with_tags(std::move(organization_id), {std::move(*records), false, {}});
  if (!page) co_return tl::unexpected(page.error());
  co_return std::move(page->items);
}

core::Task<core::Result<>> AgentService::remove(std::string organization_id, std::string agent_id,
                                                domain::Channel channel) {
  const auto agent = co_await view(organization_id, agent_id, {}, channel);
  if (!agent) co_return tl::unexpected(agent.error());
  std::vector<storage::Statement> statements;
  statements.push_back(storage::AgentTagStore::remove_all(organization_id, agent_id));
  statements.push_back(storage::AgentStore::remove(organization_id, agent_id));
  statements.back().at_least_rows = 1;  // else somebody else has removed it meanwhile
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<storage::AgentTag>>> AgentService::tag(std::string organization_id,
                                                                             std::string agent_id, std::string name) {
  co_return co_await tags_.snapshot(std::move(organization_id), std::move(agent_id), std::move(name));
}

}  // namespace retell::services
