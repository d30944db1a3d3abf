// Agents and their versions, of both channels in one table: their versions, tags and lists are one thing.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/memo.hpp"
#include "core/task.hpp"
#include "domain/agent.hpp"
#include "domain/channel.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/engine_store.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

// One version of an agent as stored; the settings are those of its channel.
struct AgentRecord {
  std::string agent_id;
  domain::Channel channel = domain::Channel::voice;
  std::int32_t version = 0;
  std::optional<std::int32_t> base_version = {};
  bool is_published = false;
  std::int64_t modified_at = 0;  // epoch ms
  std::int64_t created_at = 0;   // of the first version; 0: insert() finds it
  json::Object settings = {};
};

[[nodiscard]] AgentRecord to_record(const domain::Agent& agent);
[[nodiscard]] core::Result<domain::Agent> to_agent(const AgentRecord& record);  // of the voice channel; io when damaged

class AgentStore {
 public:
  explicit AgentStore(Database& database) : database_(database) {}

  [[nodiscard]] core::Task<core::Result<std::optional<AgentRecord>>> find_record(std::string organization_id,
                                                                                 std::string agent_id,
                                                                                 VersionChoice version);
  // Voice agents only.
  [[nodiscard]] core::Task<core::Result<std::optional<domain::Agent>>> find(std::string organization_id,
                                                                            std::string agent_id,
                                                                            VersionChoice version);
  // The same by way of the cache, for a call that starts. What is to be changed and stored again must come from find().
  [[nodiscard]] core::Task<core::Result<std::optional<domain::Agent>>> snapshot(std::string organization_id,
                                                                                std::string agent_id,
                                                                                VersionChoice version);
  [[nodiscard]] core::Task<core::Result<std::optional<AgentRecord>>> record_snapshot(std::string organization_id,
                                                                                     std::string agent_id,
                                                                                     VersionChoice version);
  // The record as a text of the cache, for who remembers what was made of it, and what the text says.
  [[nodiscard]] core::Task<core::Result<std::string>> snapshot_text(std::string organization_id, std::string agent_id,
                                                                    const VersionChoice& version);
  [[nodiscard]] static core::Result<std::optional<AgentRecord>> read_snapshot(std::string_view text);
  // The newest version of each agent, of one channel or of both.
  [[nodiscard]] core::Task<core::Result<Page<AgentRecord>>> list(std::string organization_id, PageQuery query,
                                                                 std::optional<domain::Channel> channel);
  // Every version of every agent of a channel, newest first, for older clients: what comes after `after_id` and, within
  // that agent, after `after_version`.
  [[nodiscard]] core::Task<core::Result<std::vector<AgentRecord>>> list_versions(
      std::string organization_id, domain::Channel channel, int limit, std::string after_id,
      std::optional<std::int32_t> after_version);
  [[nodiscard]] core::Task<core::Result<std::vector<AgentRecord>>> versions(std::string organization_id,
                                                                            std::string agent_id);  // newest first
  // Which agents have any version whose engine is this LLM or flow.
  [[nodiscard]] core::Task<core::Result<std::vector<std::string>>> using_engine(std::string organization_id,
                                                                                std::string engine_id);

  // What a new version is numbered: above all that the agent has and ever had.
  [[nodiscard]] core::Task<core::Result<std::int32_t>> next_version(std::string organization_id, std::string agent_id);

  // Statements, so that a service can change an agent and its engine in one transaction.
  // Takes the number for the version that is inserted with it; conflict when it has been given meanwhile.
  [[nodiscard]] static Statement take_version(const std::string& organization_id, const std::string& agent_id,
                                              std::int32_t version);
  // The number of a version that is removed with it, so that it is not given again.
  [[nodiscard]] static Statement keep_version(const std::string& organization_id, const std::string& agent_id,
                                              std::int32_t version);
  // The insert of a version above 0 takes over the creation time of the agent; conflict when the version exists.
  [[nodiscard]] static Statement insert(const std::string& organization_id, const AgentRecord& agent);
  // Returns a row only while the version is unpublished.
  [[nodiscard]] static Statement update_draft(const std::string& organization_id, const AgentRecord& agent);
  [[nodiscard]] static Statement remove(const std::string& organization_id, const std::string& agent_id);
  [[nodiscard]] static Statement remove_version(const std::string& organization_id, const std::string& agent_id,
                                                std::int32_t version);

 private:
  static constexpr std::size_t most_remembered = 1000;  // a few KiB each

  Database& database_;
  core::Memo<domain::Agent> agents_{most_remembered};  // what snapshot() has read
};

}  // namespace retell::storage
