// SQLite: one writer thread, a few reader threads, each with a connection of its own (WAL mode).
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/worker.hpp"
#include "storage/db/database.hpp"
#include "storage/db/sqlite_connection.hpp"

namespace retell::storage {

class SqliteDatabase final : public Database {
 public:
  // Blocks while it opens the file. Errors: io.
  [[nodiscard]] static core::Result<std::unique_ptr<SqliteDatabase>> open(const std::string& path,
                                                                          std::size_t readers = 2);
  ~SqliteDatabase() override;

  [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }
  [[nodiscard]] core::Task<core::Result<Rows>> query(Statement statement) override;
  [[nodiscard]] core::Task<core::Result<Rows>> execute(Statement statement) override;
  [[nodiscard]] core::Task<core::Result<std::vector<Rows>>> transaction(std::vector<Statement> statements) override;
  [[nodiscard]] core::Task<core::Result<bool>> script(Script script) override;

 private:
  SqliteDatabase(SqliteConnection writer, std::vector<SqliteConnection> readers);
  [[nodiscard]] core::Result<Rows> read(const Statement& statement);

  SqliteConnection writer_;  // used by write_pool_'s only thread
  std::mutex idle_mutex_;
  std::vector<SqliteConnection> idle_readers_;  // as many as read_pool_ has threads, so one is always there
  core::BlockingPool write_pool_{1};
  core::BlockingPool read_pool_;
};

}  // namespace retell::storage
