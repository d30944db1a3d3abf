#include "storage/stores/page.hpp"

namespace retell::storage {

void append_page(Statement& statement, const PageQuery& query, std::string_view table, std::string_view id_column) {
  const std::string name(id_column);
  const std::string direction = query.ascending ? "ASC" : "DESC";
  if (!query.after.empty()) {
    statement.params.emplace_back(query.after);
    const auto cursor = "$" + std::to_string(statement.params.size());
    statement.sql += " AND (created_at, " + name + ") " + (query.ascending ? ">" : "<") + " (SELECT created_at, " +
                     name + " FROM " + std::string(table) + " WHERE organization_id = $1 AND " + name + " = " + cursor +
                     " LIMIT 1)";
  }
  statement.params.emplace_back(query.limit + 1);
  statement.sql += " ORDER BY created_at " + direction + ", " + name + " " + direction + " LIMIT $" +
                   std::to_string(statement.params.size());
}

}  // namespace retell::storage
