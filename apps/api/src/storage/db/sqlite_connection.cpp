#include "storage/db/sqlite_connection.hpp"

#include <sqlite3.h>

#include <filesystem>

#include "storage/db/private_file.hpp"

namespace retell::storage {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t most_statements = 256;  // the program has about a hundred texts; a bound against surprises
constexpr int busy_timeout_ms = 5'000;

int bind(sqlite3_stmt* statement, int index, const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return sqlite3_bind_int64(statement, index, *whole);
  if (const auto* number = std::get_if<double>(&cell)) return sqlite3_bind_double(statement, index, *number);
  if (const auto* text = std::get_if<std::string>(&cell)) {
    // The parameters outlive the step, so SQLite need not copy.
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, index);
}

Cell column(sqlite3_stmt* statement, int index) {
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, index)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, index);
    case SQLITE_NULL:
      return nullptr;
    default: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
      return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, index)));
    }
  }
}

// Leaves the statement ready for its next use whatever happens.
class Resetter {
 public:
  explicit Resetter(sqlite3_stmt* statement) : statement_(statement) {}
  ~Resetter() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Resetter(const Resetter&) = delete;
  Resetter& operator=(const Resetter&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

void SqliteConnection::CloseDatabase::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void SqliteConnection::FinalizeStatement::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

core::Result<SqliteConnection> SqliteConnection::open(const std::string& path, SqliteAccess access) {
  std::error_code ignored;
  if (access == SqliteAccess::write) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    // SQLite gives its log the mode of the database.
    make_private_file(path);
  }
  sqlite3* raw = nullptr;
  const int mode = access == SqliteAccess::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, mode | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteConnection connection(raw);
  if (opened != SQLITE_OK) {
    return fail(ErrorCode::io, "cannot open the database " + path + ": " + sqlite3_errstr(opened));
  }
  sqlite3_busy_timeout(raw, busy_timeout_ms);
  if (access == SqliteAccess::write) {
    // WAL lets readers go on while one writes. NORMAL may lose the last commits in a power cut, never the database.
    // What is deleted is overwritten: it was promised to be gone.
    for (const auto* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA foreign_keys=ON",
                               "PRAGMA secure_delete=ON"}) {
      if (auto done = connection.plain(pragma); !done) return tl::unexpected(done.error());
    }
  }
  return connection;
}

tl::unexpected<core::Error> SqliteConnection::failure(const std::string& doing) const {
  const int code = sqlite3_errcode(handle_.get());
  // SQLite's messages name tables and columns, not values.
  const auto message = "database: " + doing + ": " + sqlite3_errmsg(handle_.get());
  if (code == SQLITE_CONSTRAINT) return fail(ErrorCode::conflict, message);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return fail(ErrorCode::unavailable, message);
  return fail(ErrorCode::io, message);
}

core::Result<> SqliteConnection::plain(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure("script");
  return {};
}

core::Result<sqlite3_stmt*> SqliteConnection::prepare(const std::string& sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second.get();
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw,
                         nullptr) != SQLITE_OK) {
    return failure("prepare");
  }
  if (statements_.size() >= most_statements) statements_.clear();
  statements_.emplace(sql, Prepared(raw));
  return raw;
}

core::Result<Rows> SqliteConnection::run(const Statement& statement) {
  const auto prepared = prepare(statement.sql);
  if (!prepared) return tl::unexpected(prepared.error());
  const Resetter resetter(*prepared);
  for (std::size_t i = 0; i < statement.params.size(); ++i) {
    const auto name = "$" + std::to_string(i + 1);
    const int index = sqlite3_bind_parameter_index(*prepared, name.c_str());
    if (index == 0) continue;
    if (bind(*prepared, index, statement.params[i].cell()) != SQLITE_OK) return failure("bind");
  }
  Rows rows;
  const int columns = sqlite3_column_count(*prepared);
  for (;;) {
    const int step = sqlite3_step(*prepared);
    if (step == SQLITE_DONE) return rows;
    if (step != SQLITE_ROW) return failure("run");
    std::vector<Cell> cells;
    cells.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) cells.push_back(column(*prepared, i));
    rows.emplace_back(std::move(cells));
  }
}

core::Result<std::vector<Rows>> SqliteConnection::transaction(const std::vector<Statement>& statements) {
  // IMMEDIATE takes the write lock at once: a deferred one could fail half-way with "busy".
  if (auto begun = plain("BEGIN IMMEDIATE"); !begun) return tl::unexpected(begun.error());
  const auto undo = [&](core::Error error) -> core::Result<std::vector<Rows>> {
    (void)plain("ROLLBACK");
    return tl::unexpected(std::move(error));
  };
  std::vector<Rows> all;
  for (const auto& statement : statements) {
    auto rows = run(statement);
    if (!rows) return undo(rows.error());
    if (rows->size() < statement.at_least_rows) {
      return undo({ErrorCode::conflict, "the record changed meanwhile or does not exist", too_few_rows});
    }
    all.push_back(std::move(*rows));
  }
  if (auto done = plain("COMMIT"); !done) return undo(done.error());
  return all;
}

core::Result<bool> SqliteConnection::script(const Script& script) {
  // The write lock also keeps another process's script out.
  if (auto begun = plain("BEGIN IMMEDIATE"); !begun) return tl::unexpected(begun.error());
  const auto inside = [&]() -> core::Result<bool> {
    if (!script.unless.sql.empty()) {
      const auto rows = run(script.unless);
      if (!rows) return tl::unexpected(rows.error());
      if (!rows->empty()) return false;
    }
    if (auto done = plain(script.sql); !done) return tl::unexpected(done.error());
    if (!script.record.sql.empty()) {
      if (auto rows = run(script.record); !rows) return tl::unexpected(rows.error());
    }
    if (auto done = plain("COMMIT"); !done) return tl::unexpected(done.error());
    return true;
  };
  auto ran = inside();
  if (!ran || !*ran) (void)plain("ROLLBACK");
  return ran;
}

}  // namespace retell::storage
