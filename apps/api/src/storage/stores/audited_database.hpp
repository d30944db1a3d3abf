// A database that writes the audit log's entry of a request into the transaction of the change that it tells of, so
// that neither is there without the other and no service can forget to.
#pragma once
#include <memory>
#include <vector>

#include "core/errand.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/audit_store.hpp"

namespace retell::storage {

// What a task that is on this errand changes is told of by this entry, which goes with the first change.
class AuditErrand final : public core::Errand {
 public:
  explicit AuditErrand(AuditEntry entry) : entry_(std::move(entry)) {}
  [[nodiscard]] const AuditEntry& entry() const { return entry_; }
  [[nodiscard]] bool is_written() const { return written_; }
  void set_written() { written_ = true; }
  // The entry; of what is made by one of these statements, if nothing else is said.
  [[nodiscard]] Statement statement(const std::vector<Statement>& change) const;

 private:
  AuditEntry entry_;
  bool written_ = false;
};

class AuditedDatabase final : public Database {
 public:
  explicit AuditedDatabase(std::unique_ptr<Database> inner) : inner_(std::move(inner)) {}

  [[nodiscard]] Dialect dialect() const override { return inner_->dialect(); }
  [[nodiscard]] Cache* cache() override { return inner_->cache(); }
  [[nodiscard]] core::Task<core::Result<Rows>> query(Statement statement) override;
  // A write that returns rows is a change if it returns any.
  [[nodiscard]] core::Task<core::Result<Rows>> execute(Statement statement) override;
  [[nodiscard]] core::Task<core::Result<std::vector<Rows>>> transaction(std::vector<Statement> statements) override;
  [[nodiscard]] core::Task<core::Result<bool>> script(Script script) override;

 private:
  [[nodiscard]] static core::Task<std::shared_ptr<AuditErrand>> errand(bool aside);

  std::unique_ptr<Database> inner_;
};

}  // namespace retell::storage
