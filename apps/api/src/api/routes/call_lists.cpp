// Lists of calls, in the shapes of v3 and v2.
#include "api/routes/routes.hpp"
#include "json/read.hpp"

namespace retell::api {
namespace {

struct ListCalls {
  std::optional<json::Value> filter_criteria = {};
  std::optional<bool> include_total = {};
  std::optional<std::int32_t> skip = {};
};
BOOST_DESCRIBE_STRUCT(ListCalls, (), (filter_criteria, include_total, skip))

using ParseFilter = core::Result<domain::CallFilter> (*)(const json::Value&);

core::Result<storage::CallQuery> read_query(const Request& request, ParseFilter parse) {
  const auto body = request.body();
  if (!body) return tl::unexpected(body.error());
  auto page = page_from_body(*body);
  if (!page) return tl::unexpected(page.error());
  const auto read = json::read<ListCalls>(*body);
  if (!read) return tl::unexpected(read.error());
  auto filter = parse(read->filter_criteria.value_or(json::Value()));
  if (!filter) return tl::unexpected(filter.error());
  if (read->skip.value_or(0) < 0) return core::fail(core::ErrorCode::invalid, "skip: must not be negative", "skip");
  storage::CallQuery query;
  query.page = std::move(*page);
  query.filter = std::move(*filter);
  query.skip = read->skip.value_or(0);
  query.include_total = read->include_total.value_or(false);
  return query;
}

core::Task<Outcome> list(Api& api, const Request& request) {
  auto query = read_query(request, &domain::CallFilter::parse);
  if (!query) co_return tl::unexpected(query.error());
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

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  auto query = read_query(request, &domain::CallFilter::parse_flat);
  if (!query) co_return tl::unexpected(query.error());
  auto page = co_await api.calls.list(request.organization(), std::move(*query));
  if (!page) co_return tl::unexpected(page.error());
  json::Array items;
  for (auto& call : page->items) items.push_back(std::move(call));
  co_return json_reply(200, std::move(items));
}

constexpr Route table[] = {
    {"POST", "/v3/list-calls", &list},
    {"POST", "/v2/list-calls", &list_bare},
};

}  // namespace

std::span<const Route> call_list_routes() { return table; }

}  // namespace retell::api
