// Retell LLMs and conversation flows: the newest version of each, and every version that an agent's version names.
#include <map>
#include <set>

#include "domain/flow.hpp"
#include "domain/llm.hpp"
#include "services/import/importer.hpp"
#include "storage/stores/engine_store.hpp"

namespace retell::services::import {
namespace {

struct EngineKind {
  std::string kind;       // of the report
  std::string type;       // of response_engine
  std::string id_member;  // of the record and of response_engine
  std::string get_path;
  SourceList list;
  storage::EngineTable table;
};

const EngineKind llm_kind{
    "retell_llm",      "retell-llm", "llm_id", "/get-retell-llm/", {"GET", "/v2/list-retell-llms", "/list-retell-llms"},
    storage::llm_table};
const EngineKind flow_kind{"conversation_flow",
                           "conversation-flow",
                           "conversation_flow_id",
                           "/get-conversation-flow/",
                           {"GET", "/v2/list-conversation-flows", "/list-conversation-flows"},
                           storage::flow_table};

// Settings as this server stores them; invalid when it would refuse them.
core::Result<json::Object> settings_of(const EngineKind& engine, json::Object body) {
  if (engine.kind == flow_kind.kind) {
    auto checked = domain::check_flow(std::move(body));
    if (!checked) return tl::unexpected(checked.error());
    return std::move(checked->settings);
  }
  const auto checked = domain::read_llm_settings(std::move(body));
  if (!checked) return tl::unexpected(checked.error());
  return domain::to_json(*checked).as_object();
}

core::Task<core::Result<bool>> is_here(Importer& importer, const EngineKind& engine, std::string id) {
  storage::EngineStore store(importer.parts().database, engine.table);
  const auto found = co_await store.find(importer.organization(), std::move(id), {});
  if (!found) co_return tl::unexpected(found.error());
  co_return found->has_value();
}

core::Task<core::Result<>> bring(Importer& importer, const EngineKind& engine, const json::Value& document) {
  const auto id = text(document, engine.id_member);
  const auto number_of = static_cast<std::int32_t>(number(document, "version"));
  const auto version = std::to_string(number_of);
  const storage::EngineStore store(importer.parts().database, engine.table);
  const auto taken = [&](std::string ours) { return is_here(importer, engine, std::move(ours)); };
  auto place = co_await importer.place(engine.kind, id, version, document, taken);
  if (!place) co_return tl::unexpected(place.error());
  if (place->fate == Importer::Fate::leave) {
    importer.left_alone(engine.kind);
    co_return core::Result<>{};
  }
  auto body = without(document, {engine.id_member, "version", "is_published", "last_modification_timestamp",
                                 "llm_websocket_url", "base_version"});
  json::Value renamed = std::move(body);
  importer.rename(renamed);
  auto settings = settings_of(engine, std::move(renamed.as_object()));
  if (!settings) co_return importer.failed(engine.kind, id + " version " + version, settings.error());
  storage::EngineRecord record{.id = place->our_id,
                               .version = number_of,
                               .is_published = flag(document, "is_published"),
                               .modified_at = number(document, "last_modification_timestamp"),
                               .settings = std::move(*settings)};
  std::vector<storage::Statement> statements;
  storage::EngineStore there(importer.parts().database, engine.table);
  const auto exists =
      co_await there.find(importer.organization(), record.id, {storage::VersionChoice::Kind::exact, number_of});
  if (!exists) co_return tl::unexpected(exists.error());
  if (exists->has_value()) {
    statements.push_back(storage::EngineStore::rewrite(engine.table, importer.organization(), record));
    if (record.is_published) {
      statements.push_back(storage::EngineStore::publish(engine.table, importer.organization(), record.id, number_of));
    }
  } else {
    statements.push_back(storage::EngineStore::insert(engine.table, importer.organization(), record));
  }
  co_return co_await importer.write(engine.kind, id, version, std::move(*place), std::move(statements));
}

core::Task<core::Result<>> engines(Importer& importer, const EngineKind& engine) {
  auto listed = co_await importer.source().list(engine.list);
  if (!listed) co_return tl::unexpected(listed.error());
  std::map<std::pair<std::string, std::int64_t>, json::Value> documents;
  for (auto& one : *listed) {
    const auto key = std::pair(text(one, engine.id_member), number(one, "version"));
    documents[key] = std::move(one);
  }
  std::set<std::pair<std::string, std::int64_t>> wanted;
  for (const auto& agent : importer.agents) {
    for (const auto& version : agent.versions) {
      const auto* response = version.as_object().if_contains("response_engine");
      if (response == nullptr || text(*response, "type") != engine.type) continue;
      const bool exact = response->as_object().contains("version");
      if (exact) wanted.insert({text(*response, engine.id_member), number(*response, "version")});
    }
  }
  for (const auto& [id, version] : wanted) {
    if (documents.contains({id, version})) continue;
    auto one = co_await importer.source().get(engine.get_path + net::percent_encode(id) +
                                              "?version=" + std::to_string(version));
    if (!one) {
      if (auto go_on = importer.failed(engine.kind, id + " version " + std::to_string(version), one.error()); !go_on) {
        co_return go_on;
      }
      continue;
    }
    documents[{id, version}] = std::move(*one);
  }
  // In the order of versions, so that the first makes the record's age.
  for (const auto& [key, document] : documents) {
    if (auto done = co_await bring(importer, engine, document); !done) co_return done;
  }
  co_return core::Result<>{};
}

}  // namespace

core::Task<core::Result<>> retell_llms(Importer& importer) { co_return co_await engines(importer, llm_kind); }
core::Task<core::Result<>> flows(Importer& importer) { co_return co_await engines(importer, flow_kind); }

}  // namespace retell::services::import
