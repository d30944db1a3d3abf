// Tags of environments ("prod", "staging") that point at agents' versions.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "domain/tools.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct AgentTag {
  std::string agent_id;
  std::string tag;
  std::int32_t version = 0;
  domain::TextMap dynamic_variables = {};  // what {{variables}} are in this environment
};

class AgentTagStore {
 public:
  explicit AgentTagStore(Database& database) : database_(database) {}

  // Those of some agents, the oldest of each first.
  [[nodiscard]] core::Task<core::Result<std::vector<AgentTag>>> of(std::string organization_id,
                                                                   std::vector<std::string> agent_ids);
  // By way of the cache: those of one agent, and one for a call or chat that starts.
  [[nodiscard]] core::Task<core::Result<std::vector<AgentTag>>> snapshots(std::string organization_id,
                                                                          std::string agent_id);
  // snapshots() as a text of the cache, for who remembers what was made of it, and what the text says.
  [[nodiscard]] core::Task<core::Result<std::string>> snapshots_text(std::string organization_id, std::string agent_id);
  [[nodiscard]] static core::Result<std::vector<AgentTag>> read_snapshots(std::string_view text);
  [[nodiscard]] core::Task<core::Result<std::optional<AgentTag>>> snapshot(std::string organization_id,
                                                                           std::string agent_id, std::string tag);
  [[nodiscard]] core::Task<core::Result<>> set(std::string organization_id, AgentTag tag, std::int64_t now);
  [[nodiscard]] core::Task<core::Result<bool>> remove(std::string organization_id, std::string agent_id,
                                                      std::string tag);

  // With the agent, or with one of its versions.
  [[nodiscard]] static Statement remove_all(const std::string& organization_id, const std::string& agent_id);
  [[nodiscard]] static Statement remove_of(const std::string& organization_id, const std::string& agent_id,
                                           std::int32_t version);

 private:
  Database& database_;
};

}  // namespace retell::storage
