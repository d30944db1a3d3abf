// Retell LLMs and their versions.
#pragma once
#include <optional>
#include <string>

#include "core/task.hpp"
#include "domain/llm.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/engine_store.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

class LlmStore {
 public:
  explicit LlmStore(Database& database) : records_(database, llm_table) {}

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

 private:
  EngineStore records_;
};

}  // namespace retell::storage
