// Parameters and rows in PostgreSQL's text format. Internal to storage/db.
#pragma once
#include <string>
#include <vector>

#include "storage/db/database.hpp"

struct pg_result;

namespace retell::storage {

// Parameters as libpq wants them. The statement's own texts are referred to, so they must outlive this.
class PostgresTexts {
 public:
  explicit PostgresTexts(const std::vector<Param>& params);
  // False when a text holds a zero character, which PostgreSQL cannot store.
  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }

 private:
  std::vector<std::string> numbers_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  bool valid_ = true;
};

[[nodiscard]] Rows to_rows(const pg_result* result);

}  // namespace retell::storage
