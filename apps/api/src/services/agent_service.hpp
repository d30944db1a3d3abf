// Agents of both channels. A version is a draft until it is published (agent_version_service.hpp). Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/memo.hpp"
#include "core/task.hpp"
#include "domain/agent.hpp"
#include "domain/chat_agent.hpp"
#include "services/engine_directory.hpp"
#include "services/reference_check.hpp"
#include "services/voice_catalog.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/agent_tag_store.hpp"

namespace retell::services {

// One version of an agent with the environments' tags that point at it or, in lists, at any of its versions.
struct AgentView : storage::AgentRecord {
  std::vector<storage::AgentTag> tags = {};
};

// Retell's AgentResponse and ChatAgentResponse.
[[nodiscard]] json::Object to_json(const AgentView& agent);
// "" when it has none.
[[nodiscard]] std::string agent_name(const storage::AgentRecord& agent);

class AgentService {
  static constexpr std::size_t most_shown = 1000;  // kept in memory; a few KiB each

 public:
  AgentService(storage::Database& database, const VoiceCatalog& voices, const core::Clock& clock)
      : database_(database),
        agents_(database),
        tags_(database),
        engines_(database, clock),
        references_(database),
        voices_(voices),
        clock_(clock) {}

  // unprocessable when the voice or the engine does not exist.
  [[nodiscard]] core::Task<core::Result<AgentView>> create(std::string organization_id, json::Value body,
                                                           domain::Channel channel = domain::Channel::voice);
  // A voice agent, for a call; unprocessable when there is none.
  [[nodiscard]] core::Task<core::Result<domain::Agent>> get(std::string organization_id, std::string agent_id,
                                                            storage::VersionChoice version);
  // For a call that starts: the same, by way of the cache.
  [[nodiscard]] core::Task<core::Result<domain::Agent>> snapshot(std::string organization_id, std::string agent_id,
                                                                 storage::VersionChoice version);
  // unprocessable too when the agent is of another channel than asked for.
  [[nodiscard]] core::Task<core::Result<AgentView>> view(std::string organization_id, std::string agent_id,
                                                         storage::VersionChoice version,
                                                         std::optional<domain::Channel> channel = {});
  // view() as the JSON text that is answered, made once for as long as the agent stays the same.
  [[nodiscard]] core::Task<core::Result<std::string>> shown(std::string organization_id, std::string agent_id,
                                                            storage::VersionChoice version, domain::Channel channel);
  // precondition for a published version.
  [[nodiscard]] core::Task<core::Result<AgentView>> update(std::string organization_id, std::string agent_id,
                                                           storage::VersionChoice version, json::Value body,
                                                           domain::Channel channel = domain::Channel::voice);
  // Takes out of a draft and its engine's draft what is there no more, and gives it a voice that is. precondition for a
  // published version; unprocessable when the engine itself is gone.
  [[nodiscard]] core::Task<core::Result<AgentView>> repair(std::string organization_id, std::string agent_id,
                                                           storage::VersionChoice version);
  // The newest version of each agent whose name (in any case) or id holds `name`; "" fits all.
  [[nodiscard]] core::Task<core::Result<storage::Page<AgentView>>> list(std::string organization_id,
                                                                        storage::PageQuery query, std::string name = "",
                                                                        std::optional<domain::Channel> channel = {});
  // Every version of every agent, for older clients.
  [[nodiscard]] core::Task<core::Result<std::vector<AgentView>>> list_versions(
      std::string organization_id, domain::Channel channel, int limit, std::string after_id,
      std::optional<std::int32_t> after_version);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string agent_id,
                                                  domain::Channel channel = domain::Channel::voice);

  // The variables of an environment, by way of the cache; nothing when the agent has no such tag.
  [[nodiscard]] core::Task<core::Result<std::optional<storage::AgentTag>>> tag(std::string organization_id,
                                                                               std::string agent_id, std::string name);

 private:
  // Why there is no such agent, or version of it.
  [[nodiscard]] core::Task<core::Error> missing(std::string organization_id, std::string agent_id,
                                                storage::VersionChoice version, std::optional<domain::Channel> channel);
  // precondition when that version is published.
  [[nodiscard]] core::Task<core::Result<AgentView>> draft(std::string organization_id, std::string agent_id,
                                                          storage::VersionChoice version, domain::Channel channel);
  [[nodiscard]] core::Task<core::Result<json::Object>> check(std::string organization_id, domain::Channel channel,
                                                             std::optional<json::Object> before, json::Value body);
  [[nodiscard]] core::Task<core::Result<storage::Page<AgentView>>> with_tags(
      std::string organization_id, storage::Page<storage::AgentRecord> records);

  storage::Database& database_;
  storage::AgentStore agents_;
  storage::AgentTagStore tags_;
  EngineDirectory engines_;
  ReferenceCheck references_;
  const VoiceCatalog& voices_;
  const core::Clock& clock_;
  struct Shown {
    domain::Channel channel = domain::Channel::voice;
    std::string json = {};
  };
  core::Memo<Shown> shown_{most_shown};
};

}  // namespace retell::services
