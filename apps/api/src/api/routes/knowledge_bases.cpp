// Knowledge bases.
#include "api/multipart_form.hpp"
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

struct SourcesForm {
  std::optional<std::vector<services::KnowledgeText>> knowledge_base_texts = {};
  std::optional<std::vector<std::string>> knowledge_base_urls = {};
  std::optional<std::vector<FileField>> knowledge_base_files = {};
};
BOOST_DESCRIBE_STRUCT(SourcesForm, (), (knowledge_base_texts, knowledge_base_urls, knowledge_base_files))

struct KnowledgeForm : services::KnowledgeSettings, SourcesForm {};
BOOST_DESCRIBE_STRUCT(KnowledgeForm, (services::KnowledgeSettings, SourcesForm), ())

struct KnowledgeSource {
  std::string type;  // document, text or url
  std::string source_id;
  std::optional<std::string> title = {};
  std::optional<std::string> content_url = {};
  std::optional<std::string> url = {};
  std::optional<std::string> filename = {};
  std::optional<std::string> file_url = {};
  std::optional<std::int64_t> file_size = {};  // bytes
};
BOOST_DESCRIBE_STRUCT(KnowledgeSource, (), (type, source_id, title, content_url, url, filename, file_url, file_size))

struct KnowledgeBase : services::KnowledgeSettings {
  std::string knowledge_base_id;
  std::string status;  // in_progress: stored, not yet retrieved from
  std::vector<KnowledgeSource> knowledge_base_sources;
};
BOOST_DESCRIBE_STRUCT(KnowledgeBase, (services::KnowledgeSettings), (knowledge_base_id, status, knowledge_base_sources))

services::KnowledgeSources sources_of(const MultipartForm& form, SourcesForm fields) {
  services::KnowledgeSources sources;
  sources.texts = std::move(fields.knowledge_base_texts).value_or(std::vector<services::KnowledgeText>{});
  sources.urls = std::move(fields.knowledge_base_urls).value_or(std::vector<std::string>{});
  for (const auto& file : form.files("knowledge_base_files")) {
    sources.files.push_back({file.file_name, form.content(file)});
  }
  return sources;
}

core::Task<Outcome> create(Api& api, const Request& request) {
  const auto form = co_await MultipartForm::parse(request);
  if (!form) co_return tl::unexpected(form.error());
  const auto fields = form->read<KnowledgeForm>();
  if (!fields) co_return tl::unexpected(fields.error());
  auto base = co_await api.knowledge_bases.create(request.organization(),
                                                  static_cast<const services::KnowledgeSettings&>(*fields),
                                                  sources_of(*form, static_cast<const SourcesForm&>(*fields)));
  if (!base) co_return tl::unexpected(base.error());
  co_return json_reply(201, std::move(*base));
}

core::Task<Outcome> add(Api& api, const Request& request) {
  const auto form = co_await MultipartForm::parse(request);
  if (!form) co_return tl::unexpected(form.error());
  const auto fields = form->read<SourcesForm>();
  if (!fields) co_return tl::unexpected(fields.error());
  auto base =
      co_await api.knowledge_bases.add(request.organization(), request.parameter(0), sources_of(*form, *fields));
  if (!base) co_return tl::unexpected(base.error());
  co_return json_reply(201, std::move(*base));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  auto base = co_await api.knowledge_bases.get(request.organization(), request.parameter(0));
  if (!base) co_return tl::unexpected(base.error());
  co_return json_reply(200, std::move(*base));
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto bases = co_await api.knowledge_bases.list(request.organization());
  if (!bases) co_return tl::unexpected(bases.error());
  json::Array all;
  for (const auto& base : *bases) all.push_back(base);
  co_return json_reply(200, std::move(all));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.knowledge_bases.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> remove_source(Api& api, const Request& request) {
  auto base =
      co_await api.knowledge_bases.remove_source(request.organization(), request.parameter(0), request.parameter(1));
  if (!base) co_return tl::unexpected(base.error());
  co_return json_reply(200, std::move(*base));
}

// As many files as there may be at once, each as large as it may be, and the other fields.
constexpr std::uint64_t most_body =
    services::KnowledgeBaseService::most_files * (services::KnowledgeBaseService::largest_file + 8'192) +
    MultipartForm::longest_field;

constexpr Route table[] = {
    upload<&create, KnowledgeForm, KnowledgeBase>("POST", "/create-knowledge-base", 201, "Create a knowledge base",
                                                  most_body),
    endpoint<&get, KnowledgeBase>("GET", "/get-knowledge-base/{knowledge_base_id}", 200, "Get a knowledge base"),
    endpoint<&list, std::vector<KnowledgeBase>>("GET", "/list-knowledge-bases", 200, "List knowledge bases"),
    endpoint<&remove>("DELETE", "/delete-knowledge-base/{knowledge_base_id}", 204, "Delete a knowledge base"),
    upload<&add, SourcesForm, KnowledgeBase>("POST", "/add-knowledge-base-sources/{knowledge_base_id}", 201,
                                             "Add sources", most_body),
    endpoint<&remove_source, KnowledgeBase>(
        "DELETE", "/delete-knowledge-base-source/{knowledge_base_id}/source/{source_id}", 200, "Delete a source"),
};

}  // namespace

std::span<const Route> knowledge_base_routes() { return table; }

}  // namespace retell::api
