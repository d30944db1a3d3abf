// Versions of agents: drafts are branched from any version, publishing freezes one together with its engine's, and the
// tags of environments point at them. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "services/agent_service.hpp"

namespace retell::services {

struct PublishRequest {
  std::int32_t version = 0;
  std::optional<std::string> version_title = {};
  std::optional<std::string> version_description = {};
};
BOOST_DESCRIBE_STRUCT(PublishRequest, (), (version, version_title, version_description))

struct TagRequest {
  std::int32_t version = 0;
  std::optional<domain::TextMap> dynamic_variables = {};
};
BOOST_DESCRIBE_STRUCT(TagRequest, (), (version, dynamic_variables))

class AgentVersionService {
 public:
  AgentVersionService(storage::Database& database, const core::Clock& clock)
      : database_(database), agents_(database), tags_(database), engines_(database, clock), clock_(clock) {}

  // Newest first; unprocessable for an unknown agent.
  [[nodiscard]] core::Task<core::Result<std::vector<AgentView>>> list(std::string organization_id,
                                                                      std::string agent_id);
  // A new draft copied from `base`, its engine too when that version is frozen, under a number that the agent never
  // had: records of calls name versions by it. not_found for an unknown base.
  [[nodiscard]] core::Task<core::Result<AgentView>> create(std::string organization_id, std::string agent_id,
                                                           std::int32_t base);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string agent_id,
                                                  std::int32_t version);
  [[nodiscard]] core::Task<core::Result<>> publish(std::string organization_id, std::string agent_id,
                                                   PublishRequest request);
  // What older clients call: publishes the newest draft and opens the next one.
  [[nodiscard]] core::Task<core::Result<>> publish_latest(std::string organization_id, std::string agent_id);

  // Points an environment at a version; at most ten an agent.
  [[nodiscard]] core::Task<core::Result<AgentView>> set_tag(std::string organization_id, std::string agent_id,
                                                            std::string tag, TagRequest request);
  [[nodiscard]] core::Task<core::Result<>> remove_tag(std::string organization_id, std::string agent_id,
                                                      std::string tag);

 private:
  [[nodiscard]] core::Task<core::Result<AgentView>> try_create(std::string organization_id, std::string agent_id,
                                                               std::int32_t base);
  [[nodiscard]] core::Task<core::Result<storage::AgentRecord>> find(std::string organization_id, std::string agent_id,
                                                                    std::int32_t version);

  storage::Database& database_;
  storage::AgentStore agents_;
  storage::AgentTagStore tags_;
  EngineDirectory engines_;
  const core::Clock& clock_;
};

// 1 to 20 of a-z 0-9 _ -, beginning with a letter; not "latest", "latest_published" nor "v" and digits.
[[nodiscard]] bool is_agent_tag(std::string_view tag);

}  // namespace retell::services
