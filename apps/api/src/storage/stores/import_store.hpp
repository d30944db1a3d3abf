// Which records of another server became which of ours.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct ImportedRecord {
  std::string kind;
  std::string source_id;
  std::string version;  // of versioned ones; else empty
  std::string our_id;
  std::string checksum;
};

class ImportStore {
 public:
  explicit ImportStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<std::vector<ImportedRecord>>> of(std::string organization_id,
                                                                         std::string source);
  // Part of the transaction that writes the record itself.
  [[nodiscard]] static Statement note(const std::string& organization_id, const std::string& source,
                                      const ImportedRecord& record, std::int64_t now_ms);

 private:
  Database& database_;
};

}  // namespace retell::storage
