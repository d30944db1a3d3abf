// A database with a cache beside it: stores find the cache here, and what a write makes invalid is taken out of it, so
// that no service can forget to.
#pragma once
#include <memory>

#include "storage/cache/cache.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

class CachedDatabase final : public Database {
 public:
  // The groups that a statement names in `invalidates` are invalidated when it has run, also when nobody knows whether
  // it did.
  CachedDatabase(std::unique_ptr<Database> inner, Cache& cache) : inner_(std::move(inner)), cache_(cache) {}

  [[nodiscard]] Dialect dialect() const override { return inner_->dialect(); }
  [[nodiscard]] Cache* cache() override { return &cache_; }
  [[nodiscard]] core::Task<core::Result<Rows>> query(Statement statement) override;
  [[nodiscard]] core::Task<core::Result<Rows>> execute(Statement statement) override;
  [[nodiscard]] core::Task<core::Result<std::vector<Rows>>> transaction(std::vector<Statement> statements) override;
  [[nodiscard]] core::Task<core::Result<bool>> script(Script script) override;

 private:
  std::unique_ptr<Database> inner_;
  Cache& cache_;
};

}  // namespace retell::storage
