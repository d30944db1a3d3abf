// Simulated tests: their definitions. Batches and runs cannot be made on this server yet, so there are none to show.
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

using services::TestCase;

constexpr auto no_runs = "Running simulated tests is not available on this server yet; their definitions are kept.";

struct TestCaseDefinition : TestCase {
  std::string test_case_definition_id;
  std::string type;  // simulation
  std::int64_t creation_timestamp = 0;
  std::int64_t user_modified_timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(TestCaseDefinition, (TestCase),
                      (test_case_definition_id, type, creation_timestamp, user_modified_timestamp))

struct BatchTestState {
  std::string test_case_batch_job_id;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(BatchTestState, (), (test_case_batch_job_id, status))

struct TestRun {
  std::string test_case_job_id;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(TestRun, (), (test_case_job_id, status))

core::Task<Outcome> create(Api& api, const Request& request, TestCase body) {
  auto test = co_await api.tests.create(request.organization(), std::move(body));
  if (!test) co_return tl::unexpected(test.error());
  co_return json_reply(201, std::move(*test));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  auto test = co_await api.tests.get(request.organization(), request.parameter(0));
  if (!test) co_return tl::unexpected(test.error());
  co_return json_reply(200, std::move(*test));
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<TestCase> body) {
  auto test = co_await api.tests.update(request.organization(), request.parameter(0), std::move(body.value));
  if (!test) co_return tl::unexpected(test.error());
  co_return json_reply(200, std::move(*test));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.tests.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

// The engine that a list is of.
core::Result<std::string> engine_id(const Request& request) {
  const auto type = request.query("type").value_or("");
  if (type != "retell-llm" && type != "conversation-flow") {
    return core::fail(core::ErrorCode::invalid, "type: expected one of retell-llm, conversation-flow", "type");
  }
  return request.query(type == "retell-llm" ? "llm_id" : "conversation_flow_id").value_or("");
}

core::Task<core::Result<json::Object>> page(Api& api, const Request& request) {
  auto query = page_from_query(request);
  if (!query) co_return tl::unexpected(query.error());
  auto engine = engine_id(request);
  if (!engine) co_return tl::unexpected(engine.error());
  const auto tests = co_await api.tests.list(request.organization(), std::move(*query), std::move(*engine));
  if (!tests) co_return tl::unexpected(tests.error());
  co_return envelope(*tests, [](const json::Object& test) { return test; });
}

core::Task<Outcome> list(Api& api, const Request& request) {
  auto found = co_await page(api, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(200, std::move(*found));
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  auto found = co_await page(api, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(200, (*found)["items"]);
}

core::Task<Outcome> create_batch(Api& api, const Request& request, services::BatchTest body) {
  const auto good = co_await api.tests.check(request.organization(), std::move(body));
  if (!good) co_return tl::unexpected(good.error());
  co_return not_offered(no_runs);
}

core::Task<Outcome> get_batch(Api&, const Request& request) {
  co_return core::fail(core::ErrorCode::not_found, "Batch test " + request.parameter(0) + " not found");
}

core::Task<Outcome> get_run(Api&, const Request& request) {
  co_return core::fail(core::ErrorCode::not_found, "Test run " + request.parameter(0) + " not found");
}

core::Task<Outcome> list_batches(Api&, const Request& request) {
  if (const auto query = page_from_query(request); !query) co_return tl::unexpected(query.error());
  if (const auto engine = engine_id(request); !engine) co_return tl::unexpected(engine.error());
  co_return json_reply(200, json::Object{{"items", json::Array{}}, {"has_more", false}});
}

core::Task<Outcome> list_batches_bare(Api&, const Request& request) {
  if (const auto engine = engine_id(request); !engine) co_return tl::unexpected(engine.error());
  co_return json_reply(200, json::Array{});
}

constexpr QueryField engine_fields[] = {
    {"type", "string", "retell-llm or conversation-flow.", true},
    {"llm_id", "string", "Only of this Retell LLM."},
    {"conversation_flow_id", "string", "Only of this conversation flow."},
    {"version", "integer", "Of the engine."},
    page_fields[0],
    page_fields[1],
};

constexpr Route table[] = {
    endpoint<&create, TestCaseDefinition>("POST", "/create-test-case-definition", 201, "Create a test case"),
    endpoint<&get, TestCaseDefinition>("GET", "/get-test-case-definition/{test_case_definition_id}", 200,
                                       "Get a test case"),
    endpoint<&update, TestCaseDefinition>("PUT", "/update-test-case-definition/{test_case_definition_id}", 200,
                                          "Change a test case"),
    endpoint<&remove>("DELETE", "/delete-test-case-definition/{test_case_definition_id}", 204, "Delete a test case"),
    endpoint<&list, Items<TestCaseDefinition>>("GET", "/v2/list-test-case-definitions", 200, "List test cases",
                                               {.query = engine_fields}),
    endpoint<&list_bare, std::vector<TestCaseDefinition>>("GET", "/list-test-case-definitions", 200, "List test cases",
                                                          {.query = engine_fields, .older = true}),
    endpoint<&create_batch, BatchTestState>("POST", "/create-batch-test", 201, "Run test cases (not available yet)"),
    endpoint<&get_batch, BatchTestState>("GET", "/get-batch-test/{test_case_batch_job_id}", 200, "Get a batch"),
    endpoint<&list_batches, Items<BatchTestState>>("GET", "/v2/list-batch-tests", 200, "List batches",
                                                   {.query = engine_fields}),
    endpoint<&list_batches_bare, std::vector<BatchTestState>>("GET", "/list-batch-tests", 200, "List batches",
                                                              {.query = engine_fields, .older = true}),
    endpoint<&get_run, TestRun>("GET", "/get-test-run/{test_case_job_id}", 200, "Get a run"),
    endpoint<&get_batch, Items<TestRun>>("GET", "/v2/list-test-runs/{test_case_batch_job_id}", 200,
                                         "List the runs of a batch", {.query = page_fields}),
    endpoint<&get_batch, std::vector<TestRun>>("GET", "/list-test-runs/{test_case_batch_job_id}", 200,
                                               "List the runs of a batch", {.older = true}),
};

}  // namespace

std::span<const Route> test_routes() { return table; }

}  // namespace retell::api
