// Whether what settings name exists in their workspace. Any thread.
#pragma once
#include <string>

#include "core/task.hpp"
#include "domain/references.hpp"
#include "domain/repair.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services {

class ReferenceCheck {
 public:
  explicit ReferenceCheck(storage::Database& database)
      : agents_(database),
        components_(database, storage::DocumentKind::flow_component),
        knowledge_bases_(database, storage::DocumentKind::knowledge_base) {}

  // invalid, with the path of every name that nothing bears.
  [[nodiscard]] core::Task<core::Result<>> check(std::string organization_id, domain::References references);
  // Those of them that are not there.
  [[nodiscard]] core::Task<core::Result<domain::NamedThings>> lost(std::string organization_id,
                                                                   domain::NamedThings named);

 private:
  storage::AgentStore agents_;
  storage::DocumentStore components_;
  storage::DocumentStore knowledge_bases_;
};

}  // namespace retell::services
