// Retell LLMs. Any thread.
#pragma once
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/llm.hpp"
#include "services/reference_check.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/llm_store.hpp"

namespace retell::services {

class LlmService {
 public:
  LlmService(storage::Database& database, const core::Clock& clock)
      : database_(database), llms_(database), agents_(database), references_(database), clock_(clock) {}

  [[nodiscard]] core::Task<core::Result<domain::RetellLlm>> create(std::string organization_id, json::Value body);
  // unprocessable when there is no such LLM or version.
  [[nodiscard]] core::Task<core::Result<domain::RetellLlm>> get(std::string organization_id, std::string llm_id,
                                                                storage::VersionChoice version);
  // For a call that starts: the same, by way of the cache.
  [[nodiscard]] core::Task<core::Result<domain::RetellLlm>> snapshot(std::string organization_id, std::string llm_id,
                                                                     storage::VersionChoice version);
  // invalid for a published version: it can no longer change.
  [[nodiscard]] core::Task<core::Result<domain::RetellLlm>> update(std::string organization_id, std::string llm_id,
                                                                   storage::VersionChoice version, json::Value body);
  [[nodiscard]] core::Task<core::Result<storage::Page<domain::RetellLlm>>> list(std::string organization_id,
                                                                                storage::PageQuery query);
  // invalid while an agent uses it, unless forced.
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string llm_id, bool force);

 private:
  // Why there is no such LLM, or version of it.
  [[nodiscard]] core::Task<core::Error> missing(std::string organization_id, std::string llm_id,
                                                storage::VersionChoice version);
  storage::Database& database_;
  storage::LlmStore llms_;
  storage::AgentStore agents_;
  ReferenceCheck references_;
  const core::Clock& clock_;
};

}  // namespace retell::services
