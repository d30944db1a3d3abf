// Agents and their versions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "domain/agent.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

// Which version of an agent or LLM is meant.
struct VersionChoice {
  enum class Kind : std::uint8_t { latest, latest_published, exact };
  Kind kind = Kind::latest;
  std::int32_t number = 0;  // of exact

  [[nodiscard]] std::string name() const;  // "latest", "latest_published", "7"
};

class AgentStore {
 public:
  explicit AgentStore(Database& database) : database_(database) {}

  [[nodiscard]] core::Task<core::Result<std::optional<domain::Agent>>> find(std::string organization_id,
                                                                            std::string agent_id,
                                                                            VersionChoice version);
  // The same by way of the cache, for a call that starts. What is to be changed and stored again must come from find().
  [[nodiscard]] core::Task<core::Result<std::optional<domain::Agent>>> snapshot(std::string organization_id,
                                                                                std::string agent_id,
                                                                                VersionChoice version);
  // The newest version of each agent.
  [[nodiscard]] core::Task<core::Result<Page<domain::Agent>>> list(std::string organization_id, PageQuery query);
  [[nodiscard]] core::Task<core::Result<std::vector<domain::Agent>>> versions(std::string organization_id,
                                                                              std::string agent_id);  // newest first
  // Which agents have any version whose engine is this LLM.
  [[nodiscard]] core::Task<core::Result<std::vector<std::string>>> using_llm(std::string organization_id,
                                                                             std::string llm_id);

  // Statements, so that a service can change an agent and its LLM in one transaction.
  // The insert of a version above 0 takes over the creation time of the agent; conflict when the version exists.
  [[nodiscard]] static Statement insert(const std::string& organization_id, const domain::Agent& agent);
  // Returns a row only while the version is unpublished.
  [[nodiscard]] static Statement update_draft(const std::string& organization_id, const domain::Agent& agent);
  [[nodiscard]] static Statement remove(const std::string& organization_id, const std::string& agent_id);
  [[nodiscard]] static Statement remove_version(const std::string& organization_id, const std::string& agent_id,
                                                std::int32_t version);

 private:
  Database& database_;
};

}  // namespace retell::storage
