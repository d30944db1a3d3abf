// Agents and their versions. A version is a draft until it is published; then it, and its LLM's version, are frozen.
// Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/agent.hpp"
#include "services/voice_catalog.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/llm_store.hpp"

namespace retell::services {

struct PublishRequest {
  std::int32_t version = 0;
  std::optional<std::string> version_title = {};
  std::optional<std::string> version_description = {};
};
BOOST_DESCRIBE_STRUCT(PublishRequest, (), (version, version_title, version_description))

class AgentService {
 public:
  AgentService(storage::Database& database, const VoiceCatalog& voices, const core::Clock& clock)
      : database_(database), agents_(database), llms_(database), voices_(voices), clock_(clock) {}

  // unprocessable when the voice or the engine does not exist.
  [[nodiscard]] core::Task<core::Result<domain::Agent>> create(std::string organization_id, json::Value body);
  [[nodiscard]] core::Task<core::Result<domain::Agent>> get(std::string organization_id, std::string agent_id,
                                                            storage::VersionChoice version);
  // For a call that starts: the same, by way of the cache.
  [[nodiscard]] core::Task<core::Result<domain::Agent>> snapshot(std::string organization_id, std::string agent_id,
                                                                 storage::VersionChoice version);
  // precondition for a published version.
  [[nodiscard]] core::Task<core::Result<domain::Agent>> update(std::string organization_id, std::string agent_id,
                                                               storage::VersionChoice version, json::Value body);
  // The newest version of each agent whose name (in any case) or id holds `name`; "" fits all.
  [[nodiscard]] core::Task<core::Result<storage::Page<domain::Agent>>> list(std::string organization_id,
                                                                            storage::PageQuery query, std::string name);
  [[nodiscard]] core::Task<core::Result<std::vector<domain::Agent>>> versions(std::string organization_id,
                                                                              std::string agent_id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string agent_id);

  // A new draft copied from `base`. Its LLM is copied too when that version is frozen. not_found for an unknown base.
  [[nodiscard]] core::Task<core::Result<domain::Agent>> create_version(std::string organization_id,
                                                                       std::string agent_id, std::int32_t base);
  [[nodiscard]] core::Task<core::Result<>> remove_version(std::string organization_id, std::string agent_id,
                                                          std::int32_t version);
  [[nodiscard]] core::Task<core::Result<>> publish(std::string organization_id, std::string agent_id,
                                                   PublishRequest request);
  // What older clients call: publishes the newest draft and opens the next one.
  [[nodiscard]] core::Task<core::Result<>> publish_latest(std::string organization_id, std::string agent_id);

 private:
  [[nodiscard]] core::Task<core::Result<>> check_references(std::string organization_id,
                                                            const domain::AgentSettings& settings);
  [[nodiscard]] core::Task<core::Result<domain::Agent>> exact(std::string organization_id, std::string agent_id,
                                                              std::int32_t version);
  [[nodiscard]] core::Task<core::Result<>> apply(std::vector<storage::Statement> statements);

  storage::Database& database_;
  storage::AgentStore agents_;
  storage::LlmStore llms_;
  const VoiceCatalog& voices_;
  const core::Clock& clock_;
};

}  // namespace retell::services
