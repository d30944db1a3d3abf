// Conversation flows. What is saved hangs together: node by node, and with the components and knowledge bases that it
// names. Any thread.
#pragma once
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/flow.hpp"
#include "services/reference_check.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/engine_store.hpp"

namespace retell::services {

// Retell's ConversationFlowResponse.
[[nodiscard]] json::Object flow_json(const storage::EngineRecord& flow);

class FlowService {
 public:
  FlowService(storage::Database& database, const core::Clock& clock)
      : database_(database),
        flows_(database, storage::flow_table),
        agents_(database),
        references_(database),
        clock_(clock) {}

  [[nodiscard]] core::Task<core::Result<storage::EngineRecord>> create(std::string organization_id, json::Value body);
  // not_found for an unknown flow or version.
  [[nodiscard]] core::Task<core::Result<storage::EngineRecord>> get(std::string organization_id, std::string id,
                                                                    storage::VersionChoice version);
  // unprocessable for an unknown flow, invalid for a published version.
  [[nodiscard]] core::Task<core::Result<storage::EngineRecord>> update(std::string organization_id, std::string id,
                                                                       storage::VersionChoice version,
                                                                       json::Value body);
  [[nodiscard]] core::Task<core::Result<storage::Page<storage::EngineRecord>>> list(std::string organization_id,
                                                                                    storage::PageQuery query);
  // invalid while an agent uses it, unless forced.
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string id, bool force);

 private:
  storage::Database& database_;
  storage::EngineStore flows_;
  storage::AgentStore agents_;
  ReferenceCheck references_;
  const core::Clock& clock_;
};

}  // namespace retell::services
