// Definitions of simulated tests. They are kept and checked in full; running them is not available yet. Any thread.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/tools.hpp"
#include "json/read.hpp"
#include "services/engine_directory.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services {

struct AnyInput {
  static constexpr std::string_view json_tag = "any";
};
BOOST_DESCRIBE_STRUCT(AnyInput, (), ())

struct PartialMatch {
  static constexpr std::string_view json_tag = "partial_match";
  json::Value args;
};
BOOST_DESCRIBE_STRUCT(PartialMatch, (), (args))

// What a tool answers in a test.
struct ToolMock {
  std::string tool_name;
  std::variant<AnyInput, PartialMatch> input_match_rule;
  std::string output;
  std::optional<bool> result = {};
};
BOOST_DESCRIBE_STRUCT(ToolMock, (), (tool_name, input_match_rule, output, result))

// A customer's own server cannot be tested.
using TestedEngine = std::variant<domain::RetellLlmEngine, domain::ConversationFlowEngine>;

struct TestCase {
  std::string name;
  TestedEngine response_engine;
  std::string user_prompt;
  std::vector<std::string> metrics;
  std::optional<domain::TextMap> dynamic_variables = {};
  std::optional<std::vector<ToolMock>> tool_mocks = {};
  std::optional<std::string> llm_model = {};
};
BOOST_DESCRIBE_STRUCT(TestCase, (),
                      (name, response_engine, user_prompt, metrics, dynamic_variables, tool_mocks, llm_model))

struct BatchTest {
  TestedEngine response_engine;
  std::vector<std::string> test_case_definition_ids;
};
BOOST_DESCRIBE_STRUCT(BatchTest, (), (response_engine, test_case_definition_ids))

class TestCaseService {
 public:
  TestCaseService(storage::Database& database, const core::Clock& clock)
      : cases_(database, storage::DocumentKind::test_case), engines_(database, clock), clock_(clock) {}

  // Retell's TestCaseDefinitionResponse, here and below. unprocessable for an engine that does not exist.
  [[nodiscard]] core::Task<core::Result<json::Object>> create(std::string organization_id, TestCase test);
  // not_found for an unknown one, here and below.
  [[nodiscard]] core::Task<core::Result<json::Object>> get(std::string organization_id, std::string id);
  [[nodiscard]] core::Task<core::Result<json::Object>> update(std::string organization_id, std::string id,
                                                              json::Value patch);
  // Of one engine; "" lists all.
  [[nodiscard]] core::Task<core::Result<storage::Page<json::Object>>> list(std::string organization_id,
                                                                           storage::PageQuery query,
                                                                           std::string engine_id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string id);
  // Whether a batch could be run: its engine and all its tests exist.
  [[nodiscard]] core::Task<core::Result<>> check(std::string organization_id, BatchTest batch);

 private:
  [[nodiscard]] core::Task<core::Result<>> check(std::string organization_id, TestCase test);

  storage::DocumentStore cases_;
  EngineDirectory engines_;
  const core::Clock& clock_;
};

}  // namespace retell::services
