// Agents of both channels, with all their versions and their environments' tags.
#include <algorithm>

#include "domain/agent.hpp"
#include "domain/chat_agent.hpp"
#include "json/read.hpp"
#include "services/import/importer.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/agent_tag_store.hpp"

namespace retell::services::import {
namespace {

constexpr auto kind = "agent";

std::string get_path(const std::string& channel, const std::string& id) {
  return (channel == "chat" ? "/get-chat-agent/" : "/get-agent/") + net::percent_encode(id);
}

core::Result<json::Object> settings_of(const std::string& channel, json::Object body) {
  if (channel == "chat") {
    auto checked = domain::check_chat_agent(std::move(body));
    if (!checked) return tl::unexpected(checked.error());
    return std::move(checked->settings);
  }
  const auto checked = domain::read_agent_settings(std::move(body));
  if (!checked) return tl::unexpected(checked.error());
  return domain::to_json(*checked).as_object();
}

core::Task<core::Result<bool>> is_here(Importer& importer, std::string id) {
  storage::AgentStore store(importer.parts().database);
  const auto found = co_await store.find_record(importer.organization(), std::move(id), {});
  if (!found) co_return tl::unexpected(found.error());
  co_return found->has_value();
}

core::Task<core::Result<>> bring(Importer& importer, const Importer::AgentVersions& agent,
                                 const json::Value& document) {
  const auto number_of = static_cast<std::int32_t>(number(document, "version"));
  const auto version = std::to_string(number_of);
  const auto taken = [&](std::string ours) { return is_here(importer, std::move(ours)); };
  auto place = co_await importer.place(kind, agent.agent_id, version, document, taken);
  if (!place) co_return tl::unexpected(place.error());
  if (place->fate == Importer::Fate::leave) {
    importer.left_alone(kind);
    co_return core::Result<>{};
  }
  json::Value body = without(document, {"agent_id", "channel", "version", "base_version", "is_published",
                                        "last_modification_timestamp", "assigned_tags", "agent_tag"});
  importer.rename(body);
  auto& members = body.as_object();
  if (const auto named = importer.parts().voice_names.find(text(body, "voice_id"));
      named != importer.parts().voice_names.end()) {
    members["voice_id"] = named->second;
  }
  auto settings = settings_of(agent.channel, std::move(members));
  if (!settings) co_return importer.failed(kind, agent.agent_id + " version " + version, settings.error());
  storage::AgentRecord record;
  record.agent_id = place->our_id;
  record.channel = agent.channel == "chat" ? domain::Channel::chat : domain::Channel::voice;
  record.version = number_of;
  if (const auto* base = document.as_object().if_contains("base_version"); base != nullptr && base->is_int64()) {
    record.base_version = static_cast<std::int32_t>(base->get_int64());
  }
  record.is_published = flag(document, "is_published");
  record.modified_at = number(document, "last_modification_timestamp");
  record.settings = std::move(*settings);
  std::vector<storage::Statement> statements;
  statements.push_back(storage::AgentStore::remove_version(importer.organization(), record.agent_id, number_of));
  statements.push_back(storage::AgentStore::insert(importer.organization(), record));
  co_return co_await importer.write(kind, agent.agent_id, version, std::move(*place), std::move(statements));
}

// Tags come with the list of agents: {"prod": {"version": 3, "dynamic_variables": {…}}}.
core::Task<core::Result<>> bring_tags(Importer& importer, const std::string& agent_id, const json::Value& tags) {
  if (!tags.is_object()) co_return core::Result<>{};
  storage::AgentTagStore store(importer.parts().database);
  for (const auto& tag : tags.get_object()) {
    storage::AgentTag one{importer.our_id(kind, agent_id), std::string(tag.key()),
                          static_cast<std::int32_t>(number(tag.value(), "version"))};
    if (const auto* variables =
            tag.value().is_object() ? tag.value().get_object().if_contains("dynamic_variables") : nullptr) {
      one.dynamic_variables = json::read<domain::TextMap>(*variables).value_or(domain::TextMap{});
    }
    const auto done = co_await store.set(importer.organization(), std::move(one), importer.now());
    if (!done) {
      if (auto go_on = importer.failed(kind, agent_id + " tag " + std::string(tag.key()), done.error()); !go_on) {
        co_return go_on;
      }
    }
  }
  co_return core::Result<>{};
}

}  // namespace

core::Task<core::Result<>> read_agents(Importer& importer) {
  const auto listed = co_await importer.source().list({"POST", "/v2/list-agents", "/list-agents"});
  if (!listed) co_return tl::unexpected(listed.error());
  for (const auto& one : *listed) {
    Importer::AgentVersions agent;
    agent.agent_id = text(one, "agent_id");
    agent.channel = text(one, "channel");
    if (const auto* tags = one.is_object() ? one.get_object().if_contains("tags") : nullptr) agent.tags = *tags;
    const bool known = std::any_of(importer.agents.begin(), importer.agents.end(),
                                   [&](const auto& other) { return other.agent_id == agent.agent_id; });
    if (agent.agent_id.empty() || known) continue;  // older servers list every version
    const auto versions =
        co_await importer.source().list({"GET", "/list-agent-versions/" + net::percent_encode(agent.agent_id), ""});
    if (!versions) {
      if (auto go_on = importer.failed(kind, agent.agent_id, versions.error()); !go_on) co_return go_on;
      continue;
    }
    for (const auto& version : *versions) {
      auto whole = co_await importer.source().get(get_path(agent.channel, agent.agent_id) +
                                                  "?version=" + std::to_string(number(version, "version")));
      if (whole && whole->is_object()) {
        agent.versions.push_back(std::move(*whole));
        continue;
      }
      const auto error =
          whole ? core::Error{core::ErrorCode::protocol, "the source's answer is no agent"} : whole.error();
      if (auto go_on = importer.failed(kind, agent.agent_id, error); !go_on) co_return go_on;
    }
    std::sort(agent.versions.begin(), agent.versions.end(),
              [](const auto& a, const auto& b) { return number(a, "version") < number(b, "version"); });
    importer.agents.push_back(std::move(agent));
  }
  co_return core::Result<>{};
}

core::Task<core::Result<>> agents(Importer& importer) {
  for (const auto& agent : importer.agents) {
    for (const auto& version : agent.versions) {
      if (auto done = co_await bring(importer, agent, version); !done) co_return done;
    }
    if (auto done = co_await bring_tags(importer, agent.agent_id, agent.tags); !done) co_return done;
  }
  co_return core::Result<>{};
}

}  // namespace retell::services::import
