#include "storage/stores/audited_database.hpp"

#include <algorithm>

namespace retell::storage {

Statement AuditErrand::statement(const std::vector<Statement>& change) const {
  auto entry = entry_;
  for (const auto& one : change) {
    if (entry.target.empty()) entry.target = one.makes;
  }
  return AuditStore::insertion(entry);
}

core::Task<std::shared_ptr<AuditErrand>> AuditedDatabase::errand(bool aside) {
  if (aside) co_return nullptr;
  auto errand = co_await core::current_errand<AuditErrand>();
  co_return errand != nullptr && errand->is_written() ? nullptr : errand;
}

core::Task<core::Result<Rows>> AuditedDatabase::query(Statement statement) {
  return inner_->query(std::move(statement));
}

core::Task<core::Result<Rows>> AuditedDatabase::execute(Statement statement) {
  const auto errand = co_await AuditedDatabase::errand(statement.aside);
  if (errand == nullptr) co_return co_await inner_->execute(std::move(statement));
  if (statement.sql.find(" RETURNING ") != std::string::npos) statement.at_least_rows = 1;
  std::vector<Statement> both;
  both.push_back(std::move(statement));
  both.push_back(errand->statement(both));
  auto done = co_await inner_->transaction(std::move(both));
  // It found nothing to change, and says so as it would have said alone.
  if (!done && done.error().field == too_few_rows) co_return Rows{};
  if (!done) co_return tl::unexpected(done.error());
  errand->set_written();
  co_return std::move(done->front());
}

core::Task<core::Result<std::vector<Rows>>> AuditedDatabase::transaction(std::vector<Statement> statements) {
  const bool aside = std::all_of(statements.begin(), statements.end(), [](const auto& one) { return one.aside; });
  const auto errand = co_await AuditedDatabase::errand(aside);
  if (errand == nullptr) co_return co_await inner_->transaction(std::move(statements));
  statements.push_back(errand->statement(statements));
  auto done = co_await inner_->transaction(std::move(statements));
  if (!done) co_return done;
  errand->set_written();
  done->pop_back();
  co_return done;
}

core::Task<core::Result<bool>> AuditedDatabase::script(Script script) { return inner_->script(std::move(script)); }

}  // namespace retell::storage
