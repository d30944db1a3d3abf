// Retell LLMs and their versions.
#pragma once
#include <optional>
#include <string>

#include "core/task.hpp"
#include "domain/llm.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

class LlmStore {
 public:
  explicit LlmStore(Database& database) : database_(database) {}

  [[nodiscard]] core::Task<core::Result<std::optional<domain::RetellLlm>>> find(std::string organization_id,
                                                                                std::string llm_id,
                                                                                VersionChoice version);
  // As AgentStore's.
  [[nodiscard]] core::Task<core::Result<std::optional<domain::RetellLlm>>> snapshot(std::string organization_id,
                                                                                    std::string llm_id,
                                                                                    VersionChoice version);
  // The newest version of each.
  [[nodiscard]] core::Task<core::Result<Page<domain::RetellLlm>>> list(std::string organization_id, PageQuery query);

  // As AgentStore's.
  [[nodiscard]] static Statement insert(const std::string& organization_id, const domain::RetellLlm& llm);
  [[nodiscard]] static Statement update_draft(const std::string& organization_id, const domain::RetellLlm& llm);
  [[nodiscard]] static Statement remove(const std::string& organization_id, const std::string& llm_id);
  // Freezes a version; one that is frozen already stays so.
  [[nodiscard]] static Statement publish(const std::string& organization_id, const std::string& llm_id,
                                         std::int32_t version);

 private:
  Database& database_;
};

}  // namespace retell::storage
