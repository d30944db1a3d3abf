#include "api/request.hpp"

#include <charconv>

#include "json/read.hpp"
#include "json/text.hpp"
#include "services/version_choice.hpp"

namespace retell::api {
namespace {

using core::ErrorCode;
using core::fail;

struct PageFields {
  std::optional<std::int32_t> limit = {};
  std::optional<std::string> pagination_key = {};
  std::optional<std::string> sort_order = {};
};
BOOST_DESCRIBE_STRUCT(PageFields, (), (limit, pagination_key, sort_order))

core::Result<storage::PageQuery> to_page(const PageFields& fields) {
  constexpr int largest = 1'000;
  storage::PageQuery page;
  page.limit = fields.limit.value_or(50);
  if (page.limit < 1 || page.limit > largest) return fail(ErrorCode::invalid, "limit: must be from 1 to 1000", "limit");
  const auto order = fields.sort_order.value_or("descending");
  if (order != "ascending" && order != "descending") {
    return fail(ErrorCode::invalid, "sort_order: expected ascending or descending", "sort_order");
  }
  page.ascending = order == "ascending";
  page.after = fields.pagination_key.value_or("");
  return page;
}

}  // namespace

std::optional<std::string> Request::query(std::string_view name) const { return net::query_value(http_.query, name); }

core::Result<storage::VersionChoice> Request::version() const {
  const auto text = query("version");
  return services::parse_version(text ? std::optional<std::string_view>(*text) : std::nullopt);
}

core::Result<json::Value> Request::body() const {
  if (http_.body.empty()) return json::Value(json::Object{});
  return json::parse(http_.body);
}

core::Result<storage::PageQuery> page_from_query(const Request& request) {
  PageFields fields;
  if (const auto limit = request.query("limit")) {
    std::int32_t number = 0;
    const auto* end = limit->data() + limit->size();
    const auto [last, problem] = std::from_chars(limit->data(), end, number);
    if (problem != std::errc() || last != end) return fail(ErrorCode::invalid, "limit: expected an integer", "limit");
    fields.limit = number;
  }
  fields.pagination_key = request.query("pagination_key");
  fields.sort_order = request.query("sort_order");
  return to_page(fields);
}

core::Result<storage::PageQuery> page_from_body(const json::Value& body) {
  auto fields = json::read<PageFields>(body);
  if (!fields) return tl::unexpected(fields.error());
  return to_page(*fields);
}

}  // namespace retell::api
