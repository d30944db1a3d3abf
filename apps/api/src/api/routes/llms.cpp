// Retell LLMs.
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

core::Task<Outcome> create(Api& api, const Request& request) {
  auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto llm = co_await api.llms.create(request.organization(), std::move(*body));
  if (!llm) co_return tl::unexpected(llm.error());
  co_return json_reply(201, to_json(*llm));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto llm = co_await api.llms.get(request.organization(), request.parameter(0), *version);
  if (!llm) co_return tl::unexpected(llm.error());
  co_return json_reply(200, to_json(*llm));
}

core::Task<Outcome> update(Api& api, const Request& request) {
  const auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto llm = co_await api.llms.update(request.organization(), request.parameter(0), *version, std::move(*body));
  if (!llm) co_return tl::unexpected(llm.error());
  co_return json_reply(200, to_json(*llm));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const bool force = request.query("force_delete") == "true";
  const auto done = co_await api.llms.remove(request.organization(), request.parameter(0), force);
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

json::Value whole(const domain::RetellLlm& llm) { return to_json(llm); }

core::Task<Outcome> list(Api& api, const Request& request) {
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  const auto llms = co_await api.llms.list(request.organization(), std::move(*page));
  if (!llms) co_return tl::unexpected(llms.error());
  co_return json_reply(200, envelope(*llms, whole));
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  const auto llms = co_await api.llms.list(request.organization(), std::move(*page));
  if (!llms) co_return tl::unexpected(llms.error());
  co_return json_reply(200, envelope(*llms, whole)["items"]);
}

constexpr Route table[] = {
    {"POST", "/create-retell-llm", &create, Auth::key, 201},
    {"GET", "/get-retell-llm/{llm_id}", &get},
    {"PATCH", "/update-retell-llm/{llm_id}", &update},
    {"DELETE", "/delete-retell-llm/{llm_id}", &remove, Auth::key, 204},
    {"GET", "/v2/list-retell-llms", &list},
    {"GET", "/list-retell-llms", &list_bare},
};

}  // namespace

std::span<const Route> llm_routes() { return table; }

}  // namespace retell::api
