// Components that several conversation flows share. Any thread.
#pragma once
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/flow.hpp"
#include "services/reference_check.hpp"
#include "storage/stores/document_store.hpp"
#include "storage/stores/engine_store.hpp"

namespace retell::services {

struct FlowComponentView {
  storage::Document document;
  std::vector<std::string> flows = {};  // ids of those that use it
};
// Retell's ConversationFlowComponentResponse.
[[nodiscard]] json::Object to_json(const FlowComponentView& component);

class FlowComponentService {
 public:
  FlowComponentService(storage::Database& database, const core::Clock& clock)
      : database_(database),
        components_(database, storage::DocumentKind::flow_component),
        references_(database),
        flows_(database, storage::flow_table),
        clock_(clock) {}

  [[nodiscard]] core::Task<core::Result<FlowComponentView>> create(std::string organization_id, json::Value body);
  // not_found for an unknown one, here and below.
  [[nodiscard]] core::Task<core::Result<FlowComponentView>> get(std::string organization_id, std::string id);
  [[nodiscard]] core::Task<core::Result<FlowComponentView>> update(std::string organization_id, std::string id,
                                                                   json::Value body);
  [[nodiscard]] core::Task<core::Result<storage::Page<FlowComponentView>>> list(std::string organization_id,
                                                                                storage::PageQuery query);
  // The flows that use it get a copy each, so that they go on as before. invalid while another component uses it.
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string id);

 private:
  [[nodiscard]] core::Task<core::Result<>> check_references(std::string organization_id, std::string own_id,
                                                            domain::References references);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::EngineRecord>>> users(std::string organization_id,
                                                                                   std::string id);

  storage::Database& database_;
  storage::DocumentStore components_;
  ReferenceCheck references_;
  storage::EngineStore flows_;
  const core::Clock& clock_;
};

}  // namespace retell::services
