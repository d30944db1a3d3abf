// Conversation flows. What is saved hangs together: node by node, and with the components and knowledge bases that it
// names. Any thread.
#pragma once
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/flow.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/document_store.hpp"
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
        components_(database, storage::DocumentKind::flow_component),
        knowledge_bases_(database, storage::DocumentKind::knowledge_base),
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
  [[nodiscard]] core::Task<core::Result<>> check_references(std::string organization_id,
                                                            domain::FlowReferences references);

  storage::Database& database_;
  storage::EngineStore flows_;
  storage::AgentStore agents_;
  storage::DocumentStore components_;
  storage::DocumentStore knowledge_bases_;
  const core::Clock& clock_;
};

}  // namespace retell::services
