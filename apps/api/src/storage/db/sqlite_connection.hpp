// One SQLite connection and its prepared statements. One thread at a time.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "storage/db/database.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace retell::storage {

enum class SqliteAccess : std::uint8_t { read, write };

class SqliteConnection {
 public:
  // Creates the file and its folder when writing. Errors: io.
  [[nodiscard]] static core::Result<SqliteConnection> open(const std::string& path, SqliteAccess access);

  [[nodiscard]] core::Result<Rows> run(const Statement& statement);
  [[nodiscard]] core::Result<std::vector<Rows>> transaction(const std::vector<Statement>& statements);
  [[nodiscard]] core::Result<bool> script(const Script& script);

 private:
  struct CloseDatabase {
    void operator()(sqlite3* handle) const;
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

  explicit SqliteConnection(sqlite3* handle) : handle_(handle) {}
  [[nodiscard]] core::Result<sqlite3_stmt*> prepare(const std::string& sql);
  [[nodiscard]] core::Result<> plain(const std::string& sql);
  [[nodiscard]] tl::unexpected<core::Error> failure(const std::string& doing) const;

  std::unique_ptr<sqlite3, CloseDatabase> handle_;
  std::unordered_map<std::string, Prepared> statements_;  // by text; destroyed before the handle
};

}  // namespace retell::storage
