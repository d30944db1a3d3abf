// The response engines that agents and tests refer to. Any thread.
#pragma once
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/response_engine.hpp"
#include "storage/stores/engine_store.hpp"

namespace retell::services {

class EngineDirectory {
 public:
  EngineDirectory(storage::Database& database, const core::Clock& clock)
      : llms_(database, storage::llm_table), flows_(database, storage::flow_table), clock_(clock) {}

  // unprocessable, with the field's path, when `engine` names an LLM, flow or version that does not exist.
  [[nodiscard]] core::Task<core::Result<>> check(std::string organization_id, domain::ResponseEngine engine);

  struct Draft {
    storage::EngineTable table;
    storage::EngineRecord record;
  };
  // The engine's version where it is kept here and can still be changed; unprocessable as check() says.
  [[nodiscard]] core::Task<core::Result<std::optional<Draft>>> draft(std::string organization_id,
                                                                     domain::ResponseEngine engine);

  // An engine as an agent's new or published version is to name it, and what must be written with that.
  struct Step {
    domain::ResponseEngine engine;
    std::vector<storage::Statement> statements = {};
  };
  // For a new draft: when the engine's version is frozen it is copied, so that the draft can change.
  [[nodiscard]] core::Task<core::Result<Step>> branch(std::string organization_id, domain::ResponseEngine engine);
  // For a published version: names the version that it has today, and freezes it.
  [[nodiscard]] core::Task<core::Result<Step>> freeze(std::string organization_id, domain::ResponseEngine engine);

 private:
  struct Place;  // of an engine that is kept here
  [[nodiscard]] core::Task<core::Result<storage::EngineRecord>> find(std::string organization_id, Place place);
  [[nodiscard]] static std::optional<Place> place_of(const domain::ResponseEngine& engine);

  storage::EngineStore llms_;
  storage::EngineStore flows_;
  const core::Clock& clock_;
};

}  // namespace retell::services
