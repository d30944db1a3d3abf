#include "storage/stores/import_store.hpp"

namespace retell::storage {

core::Task<core::Result<std::vector<ImportedRecord>>> ImportStore::of(std::string organization_id, std::string source) {
  Statement statement;
  statement.sql =
      "SELECT kind, source_id, version, our_id, checksum FROM imports WHERE organization_id = $1 AND source = $2";
  statement.params = {std::move(organization_id), std::move(source)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<ImportedRecord> all;
  for (const auto& row : *rows) all.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)});
  co_return all;
}

Statement ImportStore::note(const std::string& organization_id, const std::string& source, const ImportedRecord& record,
                            std::int64_t now_ms) {
  Statement statement;
  statement.sql =
      "INSERT INTO imports (organization_id, source, kind, source_id, version, our_id, checksum, imported_at) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (organization_id, source, kind, source_id, version) DO UPDATE SET "
      "our_id = excluded.our_id, checksum = excluded.checksum, imported_at = excluded.imported_at";
  statement.params = {organization_id, source,        record.kind,     record.source_id,
                      record.version,  record.our_id, record.checksum, now_ms};
  return statement;
}

}  // namespace retell::storage
