#include "api/request.hpp"

#include <charconv>

#include "json/text.hpp"
#include "services/version_choice.hpp"

namespace retell::api {
namespace {

using core::ErrorCode;
using core::fail;

}  // namespace

std::optional<std::string> Request::query(std::string_view name) const { return net::query_value(http_.query, name); }

core::Result<std::optional<std::int32_t>> Request::number(std::string_view name) const {
  const auto text = query(name);
  if (!text) return std::optional<std::int32_t>{};
  std::int32_t value = 0;
  const auto* end = text->data() + text->size();
  const auto [last, problem] = std::from_chars(text->data(), end, value);
  if (problem != std::errc() || last != end) {
    return fail(ErrorCode::invalid, std::string(name) + ": expected an integer", std::string(name));
  }
  return std::optional(value);
}

core::Result<bool> Request::flag(std::string_view name) const {
  const auto text = query(name);
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return fail(ErrorCode::invalid, std::string(name) + ": expected true or false", std::string(name));
}

core::Result<storage::VersionChoice> Request::version() const {
  const auto text = query("version");
  return services::parse_version(text ? std::optional<std::string_view>(*text) : std::nullopt);
}

core::Result<json::Value> Request::body() const {
  if (http_.body.empty()) return json::Value(json::Object{});
  return json::parse(http_.body);
}

core::Result<storage::PageQuery> make_page(std::optional<std::int32_t> limit,
                                           const std::optional<std::string>& pagination_key,
                                           const std::optional<std::string>& sort_order) {
  constexpr int largest = 1'000;
  storage::PageQuery page;
  page.limit = limit.value_or(50);
  if (page.limit < 1 || page.limit > largest) return fail(ErrorCode::invalid, "limit: must be from 1 to 1000", "limit");
  const auto order = sort_order.value_or("descending");
  // Contacts are sorted "asc" and "desc".
  if (order == "ascending" || order == "asc")
    page.ascending = true;
  else if (order != "descending" && order != "desc")
    return fail(ErrorCode::invalid, "sort_order: expected ascending or descending", "sort_order");
  page.after = pagination_key.value_or("");
  return page;
}

core::Result<storage::PageQuery> page_from_query(const Request& request) {
  const auto limit = request.number("limit");
  if (!limit) return tl::unexpected(limit.error());
  return make_page(*limit, request.query("pagination_key"), request.query("sort_order"));
}

}  // namespace retell::api
