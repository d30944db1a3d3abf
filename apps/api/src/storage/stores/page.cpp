#include "storage/stores/page.hpp"

#include <charconv>

namespace retell::storage {
namespace {

struct Place {
  std::int64_t created_at = 0;
  std::string id;
};

std::optional<Place> parse_key(const std::string& key) {
  Place place;
  const auto* end = key.data() + key.size();
  const auto [last, problem] = std::from_chars(key.data(), end, place.created_at);
  if (problem != std::errc() || place.created_at < 0 || end - last < 2 || *last != '.') return std::nullopt;
  place.id.assign(last + 1, end);
  return place;
}

std::string place_holder(const Statement& statement) { return "$" + std::to_string(statement.params.size()); }

}  // namespace

std::string page_key(std::int64_t created_at, const std::string& id) { return std::to_string(created_at) + "." + id; }

bool is_page_key(const std::string& key) { return parse_key(key).has_value(); }

core::Error no_such_page() {
  return {core::ErrorCode::invalid, "pagination_key: is none of this list", "pagination_key"};
}

core::Task<core::Result<>> check_place(Database& database, std::string organization_id, std::string after,
                                       std::string table, std::string id_column) {
  if (after.empty() || is_page_key(after)) co_return core::Result<>{};
  Statement statement{"SELECT 1 FROM " + table + " WHERE organization_id = $1 AND " + id_column + " = $2 LIMIT 1",
                      {std::move(organization_id), std::move(after)}};
  const auto rows = co_await database.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  if (rows->empty()) co_return tl::unexpected<core::Error>(no_such_page());
  co_return core::Result<>{};
}

void append_page(Statement& statement, const PageQuery& query, std::string_view table, std::string_view id_column) {
  const std::string name(id_column);
  const std::string direction = query.ascending ? "ASC" : "DESC";
  if (!query.after.empty()) {
    statement.sql += " AND (created_at, " + name + ") " + (query.ascending ? ">" : "<");
    if (const auto place = parse_key(query.after)) {
      statement.params.emplace_back(place->created_at);
      statement.sql += " (" + place_holder(statement);
      statement.params.emplace_back(place->id);
      statement.sql += ", " + place_holder(statement) + ")";
    } else {  // older clients send the last item's id
      statement.params.emplace_back(query.after);
      statement.sql += " (SELECT created_at, " + name + " FROM " + std::string(table) +
                       " WHERE organization_id = $1 AND " + name + " = " + place_holder(statement) + " LIMIT 1)";
    }
  }
  statement.params.emplace_back(query.limit + 1);
  statement.sql +=
      " ORDER BY created_at " + direction + ", " + name + " " + direction + " LIMIT " + place_holder(statement);
}

}  // namespace retell::storage
