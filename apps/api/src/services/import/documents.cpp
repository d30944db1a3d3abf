// Resources that are one document each: flow components and tests.
#include "domain/flow.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "services/import/importer.hpp"
#include "services/test_case_service.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services::import {
namespace {

struct DocumentResource {
  std::string kind;
  std::string id_member;
  storage::DocumentKind store;
  // Turns the source's members into a stored document's body and lookup.
  core::Result<storage::Document> (*read)(const json::Value& body);
};

core::Result<storage::Document> read_component(const json::Value& body) {
  auto checked = domain::check_component(body);
  if (!checked) return tl::unexpected(checked.error());
  return storage::Document{.id = {}, .body = std::move(checked->settings)};
}

core::Result<storage::Document> read_test(const json::Value& body) {
  const auto test = json::read<TestCase>(body);
  if (!test) return tl::unexpected(test.error());
  const auto* llm = std::get_if<domain::RetellLlmEngine>(&test->response_engine);
  auto engine = llm != nullptr ? llm->llm_id
                               : std::get<domain::ConversationFlowEngine>(test->response_engine).conversation_flow_id;
  return storage::Document{.id = {}, .lookup = std::move(engine), .body = json::write(*test).as_object()};
}

const DocumentResource component_resource{"flow_component", "conversation_flow_component_id",
                                          storage::DocumentKind::flow_component, &read_component};
const DocumentResource test_resource{"test_case", "test_case_definition_id", storage::DocumentKind::test_case,
                                     &read_test};

core::Task<core::Result<bool>> is_here(Importer& importer, storage::DocumentKind kind, std::string id) {
  storage::DocumentStore store(importer.parts().database, kind);
  const auto found = co_await store.find(importer.organization(), std::move(id));
  if (!found) co_return tl::unexpected(found.error());
  co_return found->has_value();
}

core::Task<core::Result<>> bring(Importer& importer, const DocumentResource& resource, const json::Value& source) {
  const auto id = text(source, resource.id_member);
  storage::DocumentStore store(importer.parts().database, resource.store);
  const auto taken = [&](std::string ours) { return is_here(importer, resource.store, std::move(ours)); };
  auto place = co_await importer.place(resource.kind, id, "", source, taken);
  if (!place) co_return tl::unexpected(place.error());
  if (place->fate == Importer::Fate::leave) {
    importer.left_alone(resource.kind);
    co_return core::Result<>{};
  }
  json::Value body = without(source, {resource.id_member, "user_modified_timestamp", "creation_timestamp",
                                      "linked_conversation_flow_ids", "type"});
  importer.rename(body);
  auto document = resource.read(body);
  if (!document) co_return importer.failed(resource.kind, id, document.error());
  document->id = place->our_id;
  document->created_at = number(source, "creation_timestamp");
  if (document->created_at == 0) document->created_at = importer.now();
  document->modified_at = number(source, "user_modified_timestamp");
  std::vector<storage::Statement> statements;
  statements.push_back(store.removal(importer.organization(), document->id));
  statements.push_back(store.insertion(importer.organization(), *document));
  co_return co_await importer.write(resource.kind, id, "", std::move(*place), std::move(statements));
}

}  // namespace

core::Task<core::Result<>> components(Importer& importer) {
  const auto listed = co_await importer.source().list(
      {"GET", "/v2/list-conversation-flow-components", "/list-conversation-flow-components"});
  if (!listed) co_return tl::unexpected(listed.error());
  for (const auto& one : *listed) {
    if (auto done = co_await bring(importer, component_resource, one); !done) co_return done;
  }
  co_return core::Result<>{};
}

core::Task<core::Result<>> tests(Importer& importer) {
  for (const auto* type : {"retell-llm", "conversation-flow"}) {
    const auto listed =
        co_await importer.source().list({"GET", std::string("/v2/list-test-case-definitions?type=") + type, ""});
    if (!listed) co_return tl::unexpected(listed.error());
    for (const auto& one : *listed) {
      const auto* engine = one.is_object() ? one.get_object().if_contains("response_engine") : nullptr;
      if (engine == nullptr || text(*engine, "type") != type) continue;  // a server that does not filter
      if (auto done = co_await bring(importer, test_resource, one); !done) co_return done;
    }
  }
  co_return core::Result<>{};
}

}  // namespace retell::services::import
