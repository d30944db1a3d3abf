#include "services/test_case_service.hpp"

#include "core/ids.hpp"
#include "domain/rules.hpp"
#include "json/merge_patch.hpp"
#include "json/write.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t longest_name = 1'000;

tl::unexpected<core::Error> none(const std::string& id) {
  return fail(ErrorCode::not_found, "Test case definition " + id + " not found");
}

domain::ResponseEngine engine_of(const TestedEngine& engine) {
  return std::visit([](const auto& one) -> domain::ResponseEngine { return one; }, engine);
}

std::string engine_id(const TestedEngine& engine) {
  if (const auto* llm = std::get_if<domain::RetellLlmEngine>(&engine)) return llm->llm_id;
  return std::get<domain::ConversationFlowEngine>(engine).conversation_flow_id;
}

json::Object shown(const storage::Document& document) {
  json::Object out{{"test_case_definition_id", document.id},
                   {"type", "simulation"},
                   {"dynamic_variables", json::Object{}},
                   {"tool_mocks", json::Array{}},
                   {"llm_model", "gpt-4.1"},
                   {"creation_timestamp", document.created_at},
                   {"user_modified_timestamp", document.modified_at}};
  for (const auto& member : document.body) out[member.key()] = member.value();
  return out;
}

}  // namespace

core::Task<core::Result<>> TestCaseService::check(std::string organization_id, TestCase test) {
  json::Problems problems;
  if (test.name.empty()) problems.add("name", "must not be empty");
  domain::check_text(problems, "name", test.name, longest_name);
  if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error());
  co_return co_await engines_.check(std::move(organization_id), engine_of(test.response_engine));
}

core::Task<core::Result<json::Object>> TestCaseService::create(std::string organization_id, TestCase test) {
  const auto good = co_await check(organization_id, test);
  if (!good) co_return tl::unexpected(good.error());
  const auto now = core::epoch_ms(clock_.wall());
  const storage::Document document{.id = core::make_id("test_case_", 8),
                                   .lookup = engine_id(test.response_engine),
                                   .body = json::write(test).as_object(),
                                   .created_at = now,
                                   .modified_at = now};
  const auto done = co_await cases_.insert(std::move(organization_id), document);
  if (!done) co_return tl::unexpected(done.error());
  co_return shown(document);
}

core::Task<core::Result<json::Object>> TestCaseService::get(std::string organization_id, std::string id) {
  const auto found = co_await cases_.find(std::move(organization_id), id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(id);
  co_return shown(**found);
}

core::Task<core::Result<json::Object>> TestCaseService::update(std::string organization_id, std::string id,
                                                               json::Value patch) {
  if (!patch.is_object()) co_return fail(ErrorCode::invalid, "expected an object");
  const auto merged = [&](const json::Object& before) {
    json::Value after = before;
    json::merge_patch(after, patch, 1);
    return json::read<TestCase>(after);
  };
  const auto found = co_await cases_.find(organization_id, id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(id);
  const auto wish = merged((*found)->body);
  if (!wish) co_return tl::unexpected(wish.error());
  const auto good = co_await check(organization_id, *wish);
  if (!good) co_return tl::unexpected(good.error());
  const auto changed = co_await cases_.change(std::move(organization_id), id, [&](storage::Document& document) {
    const auto test = merged(document.body);
    if (!test) return core::Result<>(tl::unexpected(test.error()));
    document.body = json::write(*test).as_object();
    document.lookup = engine_id(test->response_engine);
    document.modified_at = core::epoch_ms(clock_.wall());
    return core::Result<>{};
  });
  if (!changed) co_return tl::unexpected(changed.error());
  if (!changed->has_value()) co_return none(id);
  co_return shown(**changed);
}

core::Task<core::Result<storage::Page<json::Object>>> TestCaseService::list(std::string organization_id,
                                                                            storage::PageQuery query,
                                                                            std::string engine_id) {
  auto lookup = engine_id.empty() ? std::nullopt : std::optional(std::move(engine_id));
  const auto found = co_await cases_.list(std::move(organization_id), std::move(query), std::move(lookup));
  if (!found) co_return tl::unexpected(found.error());
  storage::Page<json::Object> page{{}, found->has_more, found->next};
  for (const auto& document : found->items) page.items.push_back(shown(document));
  co_return page;
}

core::Task<core::Result<>> TestCaseService::remove(std::string organization_id, std::string id) {
  const auto done = co_await cases_.remove(std::move(organization_id), id);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return none(id);
  co_return core::Result<>{};
}

core::Task<core::Result<>> TestCaseService::check(std::string organization_id, BatchTest batch) {
  if (batch.test_case_definition_ids.empty()) {
    co_return fail(ErrorCode::invalid, "test_case_definition_ids: must not be empty", "test_case_definition_ids");
  }
  for (const auto& id : batch.test_case_definition_ids) {
    const auto there = co_await get(organization_id, id);
    if (!there) co_return tl::unexpected(there.error());
  }
  co_return co_await engines_.check(std::move(organization_id), engine_of(batch.response_engine));
}

}  // namespace retell::services
