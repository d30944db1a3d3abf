#include "storage/db/sqlite_database.hpp"

namespace retell::storage {

core::Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::string& path, std::size_t readers) {
  auto writer = SqliteConnection::open(path, SqliteAccess::write);
  if (!writer) return tl::unexpected(writer.error());
  std::vector<SqliteConnection> connections;
  for (std::size_t i = 0; i < readers; ++i) {
    auto reader = SqliteConnection::open(path, SqliteAccess::read);
    if (!reader) return tl::unexpected(reader.error());
    connections.push_back(std::move(*reader));
  }
  return std::unique_ptr<SqliteDatabase>(new SqliteDatabase(std::move(*writer), std::move(connections)));
}

SqliteDatabase::SqliteDatabase(SqliteConnection writer, std::vector<SqliteConnection> readers)
    : writer_(std::move(writer)), idle_readers_(std::move(readers)), read_pool_(idle_readers_.size()) {}

SqliteDatabase::~SqliteDatabase() {
  read_pool_.join();
  write_pool_.join();
}

core::Result<Rows> SqliteDatabase::read(const Statement& statement) {
  std::unique_lock lock(idle_mutex_);
  auto connection = std::move(idle_readers_.back());
  idle_readers_.pop_back();
  lock.unlock();
  auto rows = connection.run(statement);
  lock.lock();
  idle_readers_.push_back(std::move(connection));
  return rows;
}

core::Task<core::Result<Rows>> SqliteDatabase::query(Statement statement) {
  auto work = [this, statement = std::move(statement)] { return read(statement); };
  co_return co_await read_pool_.run(std::move(work));
}

core::Task<core::Result<Rows>> SqliteDatabase::execute(Statement statement) {
  auto work = [this, statement = std::move(statement)] { return writer_.run(statement); };
  co_return co_await write_pool_.run(std::move(work));
}

core::Task<core::Result<std::vector<Rows>>> SqliteDatabase::transaction(std::vector<Statement> statements) {
  auto work = [this, statements = std::move(statements)] { return writer_.transaction(statements); };
  co_return co_await write_pool_.run(std::move(work));
}

core::Task<core::Result<bool>> SqliteDatabase::script(Script script) {
  auto work = [this, script = std::move(script)] { return writer_.script(script); };
  co_return co_await write_pool_.run(std::move(work));
}

}  // namespace retell::storage
