#include "storage/db/open.hpp"

#include "storage/db/sqlite_database.hpp"

namespace retell::storage {

core::Result<std::unique_ptr<Database>> open_database(const std::string& url) {
  constexpr std::string_view sqlite = "sqlite:";
  if (!url.starts_with(sqlite)) return core::fail(core::ErrorCode::invalid, "expected sqlite:<path>", "database.url");
  auto database = SqliteDatabase::open(url.substr(sqlite.size()));
  if (!database) return tl::unexpected(database.error());
  return std::unique_ptr<Database>(std::move(*database));
}

}  // namespace retell::storage
