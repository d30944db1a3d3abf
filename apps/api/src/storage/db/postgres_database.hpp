// PostgreSQL. One thread of its own drives all connections and turns answers into rows, so that neither a slow server
// nor a large answer holds up a media thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/worker.hpp"
#include "storage/db/database.hpp"
#include "storage/db/postgres_batcher.hpp"
#include "storage/db/postgres_pool.hpp"

namespace retell::storage {

class PostgresDatabase final : public Database {
 public:
  // `password` is used where the address has none. Blocks until a first connection stands. Errors: invalid for an
  // address that cannot be understood, unavailable.
  [[nodiscard]] static core::Result<std::unique_ptr<PostgresDatabase>> open(const std::string& url,
                                                                            std::string password,
                                                                            PostgresPoolOptions options,
                                                                            core::Logger log);
  // Waits for statements that are under way.
  ~PostgresDatabase() override;

  [[nodiscard]] Dialect dialect() const override { return Dialect::postgres; }
  // Repeated when the connection is lost under it.
  [[nodiscard]] core::Task<core::Result<Rows>> query(Statement statement) override;
  // Not repeated when the connection is lost: it may have been done.
  [[nodiscard]] core::Task<core::Result<Rows>> execute(Statement statement) override;
  // Repeated when transactions collide, and when the connection is lost before it was committed.
  [[nodiscard]] core::Task<core::Result<std::vector<Rows>>> transaction(std::vector<Statement> statements) override;
  [[nodiscard]] core::Task<core::Result<bool>> script(Script script) override;

 private:
  PostgresDatabase(PostgresParameters parameters, PostgresPoolOptions options, core::Logger log);

  enum class Repeat : std::uint8_t { collisions, losses_too };
  // Runs `task` on the database's own thread; the caller resumes on its own.
  template <class T>
  [[nodiscard]] core::Task<T> there(core::Task<T> task);
  [[nodiscard]] core::Task<core::Result<Rows>> run_one(Statement statement, Repeat repeat);
  [[nodiscard]] core::Task<core::Result<std::vector<Rows>>> run_all(std::vector<Statement> statements);
  [[nodiscard]] core::Task<PostgresResult<std::vector<Rows>>> attempt(PostgresConnection& connection,
                                                                      const std::vector<Statement>& statements);
  [[nodiscard]] core::Task<core::Result<std::vector<Rows>>> run_shared(std::vector<Statement> statements);
  [[nodiscard]] core::Task<core::Result<bool>> run_script(Script script);
  [[nodiscard]] core::Task<PostgresResult<bool>> attempt_script(PostgresConnection& connection, const Script& script);
  [[nodiscard]] core::TimePoint deadline() const;

  PostgresPoolOptions options_;
  core::Worker worker_;
  PostgresPool pool_;
  PostgresBatcher batcher_;
};

}  // namespace retell::storage
