// Response engines with versions: Retell LLMs and conversation flows, each in a table of the same form.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "json/value.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

// Which version of an agent or an engine is meant.
struct VersionChoice {
  enum class Kind : std::uint8_t { latest, latest_published, exact, tag };
  Kind kind = Kind::latest;
  std::int32_t number = 0;  // of exact
  std::string name = {};    // of tag; only agents have tags
};

struct EngineRecord {
  std::string id;
  std::int32_t version = 0;
  bool is_published = false;
  std::int64_t modified_at = 0;  // epoch ms
  std::int64_t created_at = 0;   // of the first version; 0: insert() finds it
  json::Object settings = {};
};

struct EngineTable {
  std::string_view name;
  std::string_view id_column;
  std::string_view cache_kind;  // as the cache's metrics name it
};
inline constexpr EngineTable llm_table{"llms", "llm_id", "llm"};
inline constexpr EngineTable flow_table{"conversation_flows", "conversation_flow_id", "flow"};

class EngineStore {
 public:
  EngineStore(Database& database, EngineTable table) : database_(database), table_(table) {}

  [[nodiscard]] core::Task<core::Result<std::optional<EngineRecord>>> find(std::string organization_id, std::string id,
                                                                           VersionChoice version);
  // As AgentStore's.
  [[nodiscard]] core::Task<core::Result<std::optional<EngineRecord>>> snapshot(std::string organization_id,
                                                                               std::string id, VersionChoice version);
  // The newest version of each.
  [[nodiscard]] core::Task<core::Result<Page<EngineRecord>>> list(std::string organization_id, PageQuery query);

  // Every version, of any engine, whose settings hold this text somewhere; for the caller to look closer.
  [[nodiscard]] core::Task<core::Result<std::vector<EngineRecord>>> mentioning(std::string organization_id,
                                                                               std::string text);

  // Statements, so that a service can change an agent and its engine in one transaction.
  // A version above 0 takes over the creation time of the first; conflict when the version exists.
  [[nodiscard]] static Statement insert(EngineTable table, const std::string& organization_id,
                                        const EngineRecord& record);
  // Needs an unpublished version; else the transaction fails with `conflict`.
  [[nodiscard]] static Statement update_draft(EngineTable table, const std::string& organization_id,
                                              const EngineRecord& record);
  // Settings of any version, frozen ones too: for changes that leave their meaning alone.
  [[nodiscard]] static Statement rewrite(EngineTable table, const std::string& organization_id,
                                         const EngineRecord& record);
  // Freezes a version; one that is frozen already stays so.
  [[nodiscard]] static Statement publish(EngineTable table, const std::string& organization_id, const std::string& id,
                                         std::int32_t version);
  [[nodiscard]] static Statement remove(EngineTable table, const std::string& organization_id, const std::string& id);

 private:
  Database& database_;
  EngineTable table_;
};

}  // namespace retell::storage
