#include "storage/cache/cached_database.hpp"

#include <set>

namespace retell::storage {

core::Task<core::Result<Rows>> CachedDatabase::query(Statement statement) {
  return inner_->query(std::move(statement));
}

core::Task<core::Result<Rows>> CachedDatabase::execute(Statement statement) {
  auto groups = std::move(statement.invalidates);
  auto rows = co_await inner_->execute(std::move(statement));
  for (auto& group : groups) co_await cache_.invalidate(std::move(group));
  co_return rows;
}

core::Task<core::Result<std::vector<Rows>>> CachedDatabase::transaction(std::vector<Statement> statements) {
  std::set<std::string> groups;
  for (auto& statement : statements) groups.insert(statement.invalidates.begin(), statement.invalidates.end());
  auto rows = co_await inner_->transaction(std::move(statements));
  for (const auto& group : groups) co_await cache_.invalidate(group);
  co_return rows;
}

core::Task<core::Result<bool>> CachedDatabase::script(Script script) { return inner_->script(std::move(script)); }

}  // namespace retell::storage
