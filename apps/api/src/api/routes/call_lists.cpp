// Lists of calls, in the shapes of v3 and v2.
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

struct ListCalls {
  std::optional<std::int32_t> limit = {};
  std::optional<std::string> pagination_key = {};
  std::optional<std::string> sort_order = {};
  std::optional<json::Value> filter_criteria = {};
  std::optional<bool> include_total = {};
  std::optional<std::int32_t> skip = {};
};
BOOST_DESCRIBE_STRUCT(ListCalls, (), (limit, pagination_key, sort_order, filter_criteria, include_total, skip))

using ParseFilter = core::Result<domain::ListFilter> (*)(const json::Value&);

core::Result<domain::ListFilter> parse_filter(const json::Value& criteria) {
  return domain::ListFilter::parse(criteria);
}

core::Result<storage::CallQuery> read_query(const ListCalls& body, ParseFilter parse) {
  auto page = make_page(body.limit, body.pagination_key, body.sort_order);
  if (!page) return tl::unexpected(page.error());
  auto filter = parse(body.filter_criteria.value_or(json::Value()));
  if (!filter) return tl::unexpected(filter.error());
  if (body.skip.value_or(0) < 0) return core::fail(core::ErrorCode::invalid, "skip: must not be negative", "skip");
  storage::CallQuery query;
  query.page = std::move(*page);
  query.filter = std::move(*filter);
  query.skip = body.skip.value_or(0);
  query.include_total = body.include_total.value_or(false);
  return query;
}

// Older clients send the id of the last call that they saw.
core::Task<core::Result<>> check_place(Api& api, std::string organization_id, std::string after) {
  if (after.empty() || storage::is_page_key(after)) co_return core::Result<>{};
  const auto call = co_await api.calls.get(std::move(organization_id), std::move(after));
  if (call) co_return core::Result<>{};
  if (call.error().code == core::ErrorCode::unprocessable) co_return tl::unexpected(storage::no_such_page());
  co_return tl::unexpected(call.error());
}

core::Task<Outcome> list(Api& api, const Request& request, ListCalls body) {
  auto query = read_query(body, &parse_filter);
  if (!query) co_return tl::unexpected(query.error());
  const auto place = co_await check_place(api, request.organization(), query->page.after);
  if (!place) co_return tl::unexpected(place.error());
  auto page = co_await api.calls.list(request.organization(), std::move(*query));
  if (!page) co_return tl::unexpected(page.error());
  json::Array items;
  for (auto& call : page->items) {
    domain::drop_transcripts(call.as_object());
    items.push_back(std::move(call));
  }
  json::Object reply{{"items", std::move(items)}, {"has_more", page->has_more}};
  if (!page->next.empty()) reply["pagination_key"] = page->next;
  if (page->total) reply["total"] = *page->total;
  co_return json_reply(200, std::move(reply));
}

core::Task<Outcome> list_bare(Api& api, const Request& request, ListCalls body) {
  auto query = read_query(body, &domain::ListFilter::parse_flat);
  if (!query) co_return tl::unexpected(query.error());
  const auto place = co_await check_place(api, request.organization(), query->page.after);
  if (!place) co_return tl::unexpected(place.error());
  auto page = co_await api.calls.list(request.organization(), std::move(*query));
  if (!page) co_return tl::unexpected(page.error());
  json::Array items;
  for (auto& call : page->items) items.push_back(std::move(call));
  co_return json_reply(200, std::move(items));
}

constexpr Route table[] = {
    endpoint<&list, Items<domain::Call>>("POST", "/v3/list-calls", 200, "List calls"),
    endpoint<&list_bare, std::vector<domain::Call>>("POST", "/v2/list-calls", 200, "List calls", {.older = true}),
};

}  // namespace

std::span<const Route> call_list_routes() { return table; }

}  // namespace retell::api
