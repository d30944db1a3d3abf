#include "services/knowledge_base_service.hpp"

#include "core/ids.hpp"
#include "domain/rules.hpp"
#include "json/write.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t longest_name = 39;   // Retell: less than 40 characters
constexpr std::size_t most_sources = 500;  // of one knowledge base

tl::unexpected<core::Error> none(const std::string& id) {
  return fail(ErrorCode::unprocessable, "Knowledge base " + id + " not found");
}

core::Result<> check(const KnowledgeSources& sources) {
  json::Problems problems;
  for (std::size_t i = 0; i < sources.urls.size(); ++i) {
    const auto at = "knowledge_base_urls[" + std::to_string(i) + "]";
    if (sources.urls[i].empty()) problems.add(at, "must not be empty");
    domain::check_url(problems, at, sources.urls[i]);
  }
  for (std::size_t i = 0; i < sources.texts.size(); ++i) {
    if (sources.texts[i].title.empty()) {
      problems.add("knowledge_base_texts[" + std::to_string(i) + "].title", "must not be empty");
    }
  }
  if (sources.files.size() > KnowledgeBaseService::most_files) {
    problems.add("knowledge_base_files", "must be at most 25 files at once");
  }
  for (std::size_t i = 0; i < sources.files.size(); ++i) {
    if (sources.files[i].content.bytes.size() <= KnowledgeBaseService::largest_file) continue;
    problems.add("knowledge_base_files[" + std::to_string(i) + "]", "must be at most 50 MB");
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return {};
}

core::Result<> check(const KnowledgeSettings& settings) {
  json::Problems problems;
  if (settings.knowledge_base_name.empty()) problems.add("knowledge_base_name", "must not be empty");
  domain::check_text(problems, "knowledge_base_name", settings.knowledge_base_name, longest_name);
  domain::check_range(problems, "max_chunk_size", settings.max_chunk_size, 600, 6'000);
  domain::check_range(problems, "min_chunk_size", settings.min_chunk_size, 200, 2'000);
  if (settings.min_chunk_size.value_or(400) > settings.max_chunk_size.value_or(2'000)) {
    problems.add("min_chunk_size", "must not be more than max_chunk_size");
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return {};
}

std::string text(const json::Value& source, std::string_view name) {
  const auto* value = source.as_object().if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::Array& sources_of(storage::Document& document) {
  auto& sources = document.body["knowledge_base_sources"];
  if (!sources.is_array()) sources = json::Array{};
  return sources.get_array();
}

}  // namespace

std::string KnowledgeBaseService::file_name(std::string_view source_id, std::string_view type) {
  return std::string(source_id) + (type == "text" ? ".txt" : ".bin");
}

json::Object KnowledgeBaseService::shown(const storage::Document& document) const {
  json::Object out{{"knowledge_base_id", document.id}};
  for (const auto& member : document.body) out.emplace(member.key(), member.value());
  if (auto* sources = out.if_contains("knowledge_base_sources")) {
    for (auto& source : sources->as_array()) {
      const auto file = text(source, file_member);
      auto& entry = source.as_object();
      entry.erase(file_member);
      if (!file.empty()) entry[text(source, "type") == "text" ? "content_url" : "file_url"] = files_.link(file);
    }
  }
  return out;
}

core::Task<core::Result<json::Array>> KnowledgeBaseService::keep(KnowledgeSources sources) {
  json::Array entries;
  for (auto& one : sources.texts) {
    const auto id = core::make_id("source_", 8);
    const auto file = file_name(id, "text");
    const auto done = co_await files_.put(file, std::move(one.text));
    if (!done) co_return tl::unexpected(done.error());
    entries.push_back(json::Object{{"type", "text"}, {"source_id", id}, {"title", one.title}, {file_member, file}});
  }
  for (auto& url : sources.urls) {
    entries.push_back(json::Object{{"type", "url"}, {"source_id", core::make_id("source_", 8)}, {"url", url}});
  }
  for (auto& file : sources.files) {
    const auto id = core::make_id("source_", 8);
    const auto size = static_cast<std::int64_t>(file.content.bytes.size());
    const auto stored_as = file_name(id, "document");
    const auto done = co_await files_.put(stored_as, co_await file.content.copy());
    if (!done) co_return tl::unexpected(done.error());
    entries.push_back(json::Object{{"type", "document"},
                                   {"source_id", id},
                                   {"filename", file.name.empty() ? id : file.name},
                                   {"file_size", size},
                                   {file_member, stored_as}});
  }
  co_return entries;
}

core::Task<core::Result<json::Object>> KnowledgeBaseService::create(std::string organization_id,
                                                                    KnowledgeSettings settings,
                                                                    KnowledgeSources sources) {
  if (const auto good = check(settings); !good) co_return tl::unexpected(good.error());
  if (const auto good = check(sources); !good) co_return tl::unexpected(good.error());
  auto entries = co_await keep(std::move(sources));
  if (!entries) co_return tl::unexpected(entries.error());
  const auto now = core::epoch_ms(clock_.wall());
  storage::Document document{.id = core::make_id("knowledge_base_", 8),
                             .body = json::write(settings).as_object(),
                             .created_at = now,
                             .modified_at = now};
  document.body["status"] = "in_progress";
  document.body["knowledge_base_sources"] = std::move(*entries);
  const auto done = co_await bases_.insert(std::move(organization_id), document);
  if (!done) co_return tl::unexpected(done.error());
  co_return shown(document);
}

core::Task<core::Result<json::Object>> KnowledgeBaseService::get(std::string organization_id, std::string id) {
  const auto found = co_await bases_.find(std::move(organization_id), id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(id);
  co_return shown(**found);
}

core::Task<core::Result<std::vector<json::Object>>> KnowledgeBaseService::list(std::string organization_id) {
  std::vector<json::Object> all;
  storage::PageQuery query{.limit = 500};
  for (bool more = true; more;) {
    const auto page = co_await bases_.list(organization_id, query);
    if (!page) co_return tl::unexpected(page.error());
    for (const auto& document : page->items) all.push_back(shown(document));
    more = page->has_more;
    query.after = page->next;
  }
  co_return all;
}

core::Task<core::Result<json::Object>> KnowledgeBaseService::add(std::string organization_id, std::string id,
                                                                 KnowledgeSources sources) {
  if (const auto good = check(sources); !good) co_return tl::unexpected(good.error());
  const auto there = co_await get(organization_id, id);
  if (!there) co_return there;
  const auto entries = co_await keep(std::move(sources));
  if (!entries) co_return tl::unexpected(entries.error());
  const auto changed = co_await bases_.change(std::move(organization_id), id, [&](storage::Document& document) {
    auto& list = sources_of(document);
    if (list.size() + entries->size() > most_sources) {
      return core::Result<>(fail(ErrorCode::invalid, "a knowledge base has at most 500 sources"));
    }
    list.insert(list.end(), entries->begin(), entries->end());
    document.modified_at = core::epoch_ms(clock_.wall());
    return core::Result<>{};
  });
  if (!changed) co_return tl::unexpected(changed.error());
  if (!changed->has_value()) co_return none(id);
  co_return shown(**changed);
}

core::Task<core::Result<json::Object>> KnowledgeBaseService::remove_source(std::string organization_id, std::string id,
                                                                           std::string source_id) {
  std::string file;
  const auto changed = co_await bases_.change(std::move(organization_id), id, [&](storage::Document& document) {
    auto& list = sources_of(document);
    const auto source = std::find_if(list.begin(), list.end(),
                                     [&](const json::Value& one) { return text(one, "source_id") == source_id; });
    if (source == list.end()) {
      return core::Result<>(fail(ErrorCode::unprocessable, "Knowledge base source " + source_id + " not found"));
    }
    file = text(*source, file_member);
    list.erase(source);
    document.modified_at = core::epoch_ms(clock_.wall());
    return core::Result<>{};
  });
  if (!changed) co_return tl::unexpected(changed.error());
  if (!changed->has_value()) co_return none(id);
  if (!file.empty()) {
    const auto gone = co_await files_.remove(file);
    if (!gone) co_return tl::unexpected(gone.error());
  }
  co_return shown(**changed);
}

core::Task<core::Result<>> KnowledgeBaseService::remove(std::string organization_id, std::string id) {
  auto found = co_await bases_.find(organization_id, id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(id);
  const auto done = co_await bases_.remove(std::move(organization_id), std::move(id));
  if (!done) co_return tl::unexpected(done.error());
  for (const auto& source : sources_of(**found)) {
    const auto file = text(source, file_member);
    if (file.empty()) continue;
    const auto gone = co_await files_.remove(file);
    if (!gone) co_return gone;
  }
  co_return core::Result<>{};
}

}  // namespace retell::services
