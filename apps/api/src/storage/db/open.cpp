#include "storage/db/open.hpp"

#include "storage/db/postgres_database.hpp"
#include "storage/db/sqlite_database.hpp"

namespace retell::storage {

core::Result<std::unique_ptr<Database>> open_database(const std::string& url, DatabaseOptions options) {
  constexpr std::string_view sqlite = "sqlite:";
  if (url.starts_with(sqlite)) {
    auto database = SqliteDatabase::open(url.substr(sqlite.size()));
    if (!database) return tl::unexpected(database.error());
    return std::unique_ptr<Database>(std::move(*database));
  }
  if (is_postgres_url(url)) {
    PostgresPoolOptions pool;
    pool.most = options.most_connections;
    pool.wait = options.wait;
    pool.statement_timeout = options.query_timeout;
    auto database = PostgresDatabase::open(url, std::move(options.password), pool, std::move(options.log));
    if (!database) return tl::unexpected(database.error());
    return std::unique_ptr<Database>(std::move(*database));
  }
  return core::fail(core::ErrorCode::invalid, "expected sqlite:<path> or postgres://user:password@host/database",
                    "database.url");
}

}  // namespace retell::storage
