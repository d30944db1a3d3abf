// Knowledge bases with their texts and files, which are downloaded; web pages come as addresses.
#include "services/import/importer.hpp"
#include "services/knowledge_base_service.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services::import {
namespace {

constexpr auto kind = "knowledge_base";

// A source of theirs as an entry of ours; nothing when it cannot be read, which the report then says.
core::Task<core::Result<std::optional<json::Object>>> bring_source(Importer& importer, const std::string& base_id,
                                                                   const json::Value& source) {
  auto entry = without(source, {"content_url", "file_url"});
  const auto type = text(source, "type");
  const auto id = text(source, "source_id");
  if (type == "url" || id.empty()) co_return entry;
  const auto url = text(source, type == "text" ? "content_url" : "file_url");
  auto content = url.empty() ? core::Result<std::string>(core::fail(core::ErrorCode::not_found, "has no link"))
                             : co_await importer.source().download(url);
  if (!content) {
    const auto go_on = importer.failed(kind, base_id + " source " + id, content.error());
    if (!go_on) co_return tl::unexpected(go_on.error());
    co_return std::nullopt;
  }
  const auto name = KnowledgeBaseService::file_name(id, type);
  const auto kept = co_await importer.parts().files.put(name, std::move(*content));
  if (!kept) co_return tl::unexpected(kept.error());
  entry[KnowledgeBaseService::file_member] = name;
  co_return entry;
}

core::Task<core::Result<bool>> is_here(Importer& importer, std::string id) {
  storage::DocumentStore store(importer.parts().database, storage::DocumentKind::knowledge_base);
  const auto found = co_await store.find(importer.organization(), std::move(id));
  if (!found) co_return tl::unexpected(found.error());
  co_return found->has_value();
}

core::Task<core::Result<>> bring(Importer& importer, const json::Value& source) {
  const auto id = text(source, "knowledge_base_id");
  storage::DocumentStore store(importer.parts().database, storage::DocumentKind::knowledge_base);
  const auto taken = [&](std::string ours) { return is_here(importer, std::move(ours)); };
  // Links change from one answer to the next; they are no part of what is compared.
  json::Value settings = without(source, {"knowledge_base_id", "status", "last_refreshed_timestamp", "error_messages"});
  auto stable = settings;
  auto* list = stable.as_object().if_contains("knowledge_base_sources");
  if (list != nullptr && list->is_array()) {
    for (auto& one : list->get_array()) one = without(one, {"content_url", "file_url"});
  }
  auto place = co_await importer.place(kind, id, "", stable, taken);
  if (!place) co_return tl::unexpected(place.error());
  if (place->fate == Importer::Fate::leave) {
    importer.left_alone(kind);
    co_return core::Result<>{};
  }
  json::Array entries;
  bool whole = true;
  if (const auto* sources = source.as_object().if_contains("knowledge_base_sources");
      sources != nullptr && sources->is_array()) {
    for (const auto& one : sources->get_array()) {
      auto entry = co_await bring_source(importer, id, one);
      if (!entry) co_return tl::unexpected(entry.error());
      whole = whole && entry->has_value();
      if (*entry) entries.push_back(std::move(**entry));
    }
  }
  if (!whole) place->checksum = "incomplete";  // the next import tries again
  storage::Document document{.id = place->our_id, .body = settings.as_object()};
  document.body["status"] = "in_progress";
  document.body["knowledge_base_sources"] = std::move(entries);
  document.created_at = document.modified_at = importer.now();
  std::vector<storage::Statement> statements;
  statements.push_back(store.removal(importer.organization(), document.id));
  statements.push_back(store.insertion(importer.organization(), document));
  co_return co_await importer.write(kind, id, "", std::move(*place), std::move(statements));
}

}  // namespace

core::Task<core::Result<>> knowledge_bases(Importer& importer) {
  const auto listed = co_await importer.source().list({"GET", "/list-knowledge-bases", ""});
  if (!listed) co_return tl::unexpected(listed.error());
  for (const auto& one : *listed) {
    if (!one.is_object()) continue;
    if (auto done = co_await bring(importer, one); !done) co_return done;
  }
  co_return core::Result<>{};
}

}  // namespace retell::services::import
