// Retell LLMs.
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

using domain::LlmSettings;

core::Task<Outcome> create(Api& api, const Request& request, Raw<LlmSettings> body) {
  const auto llm = co_await api.llms.create(request.organization(), std::move(body.value));
  if (!llm) co_return tl::unexpected(llm.error());
  co_return json_reply(201, to_json(*llm));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto llm = co_await api.llms.get(request.organization(), request.parameter(0), std::move(*version));
  if (!llm) co_return tl::unexpected(llm.error());
  co_return json_reply(200, to_json(*llm));
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<LlmSettings> body) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto llm = co_await api.llms.update(request.organization(), request.parameter(0), std::move(*version),
                                            std::move(body.value));
  if (!llm) co_return tl::unexpected(llm.error());
  co_return json_reply(200, to_json(*llm));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto force = request.flag("force_delete");
  if (!force) co_return tl::unexpected(force.error());
  const auto done = co_await api.llms.remove(request.organization(), request.parameter(0), *force);
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<core::Result<json::Object>> page(Api& api, const Request& request) {
  auto query = page_from_query(request);
  if (!query) co_return tl::unexpected(query.error());
  const auto llms = co_await api.llms.list(request.organization(), std::move(*query));
  if (!llms) co_return tl::unexpected(llms.error());
  co_return envelope(*llms, [](const domain::RetellLlm& llm) { return to_json(llm); });
}

constexpr Route table[] = {
    endpoint<&create, RetellLlm>("POST", "/create-retell-llm", 201, "Create a Retell LLM"),
    endpoint<&get, RetellLlm>("GET", "/get-retell-llm/{llm_id}", 200, "Get a Retell LLM", {.query = version_field}),
    endpoint<&update, RetellLlm>("PATCH", "/update-retell-llm/{llm_id}", 200, "Change a draft of a Retell LLM",
                                 {.query = version_field}),
    endpoint<&remove>("DELETE", "/delete-retell-llm/{llm_id}", 204, "Delete a Retell LLM", {.query = force_field}),
    endpoint<&paged<&page>, Items<RetellLlm>>("GET", "/v2/list-retell-llms", 200, "List Retell LLMs",
                                              {.query = page_fields}),
    endpoint<&bare<&page>, std::vector<RetellLlm>>("GET", "/list-retell-llms", 200, "List Retell LLMs",
                                                   {.query = page_fields, .older = true}),
};

}  // namespace

std::span<const Route> llm_routes() { return table; }

}  // namespace retell::api
