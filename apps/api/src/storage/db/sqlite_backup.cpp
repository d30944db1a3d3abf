#include "storage/db/sqlite_backup.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "core/clock.hpp"
#include "storage/db/private_file.hpp"

namespace retell::storage {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using core::fail;

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

core::Result<Handle> open(const fs::path& path, int mode) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, mode, nullptr);
  Handle handle(raw);
  if (opened != SQLITE_OK) {
    return fail(ErrorCode::io, "cannot open " + path.string() + ": " + sqlite3_errstr(opened));
  }
  sqlite3_busy_timeout(raw, 5'000);
  return handle;
}

// The first column of the first row; an error's text when the statement fails.
core::Result<std::string> ask(sqlite3* handle, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) != SQLITE_OK) {
    return fail(ErrorCode::io, sqlite3_errmsg(handle));
  }
  const int step = sqlite3_step(statement);
  std::string text;
  if (step == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr) {
    text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  const bool fine = step == SQLITE_ROW || step == SQLITE_DONE;
  const std::string problem = fine ? "" : sqlite3_errmsg(handle);
  sqlite3_finalize(statement);
  if (!fine) return fail(ErrorCode::io, problem);
  return text;
}

core::Result<> copy(sqlite3* from, sqlite3* to) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) return fail(ErrorCode::io, sqlite3_errmsg(to));
  // All in one step: one read transaction, which in WAL mode stands beside the writers.
  const int stepped = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) return fail(ErrorCode::io, std::string("copying: ") + sqlite3_errstr(stepped));
  return {};
}

core::Result<BackupFacts> check(const fs::path& path) {
  auto handle = open(path, SQLITE_OPEN_READONLY);
  if (!handle) return tl::unexpected(handle.error());
  const auto verdict = ask(handle->get(), "PRAGMA integrity_check");
  if (!verdict) return fail(ErrorCode::io, path.string() + " is not a sound database: " + verdict.error().message);
  if (*verdict != "ok") return fail(ErrorCode::io, path.string() + " is damaged: " + *verdict);
  BackupFacts facts;
  if (const auto version = ask(handle->get(), "SELECT MAX(version) FROM schema_migrations"); version) {
    facts.schema_version = version->empty() ? 0 : std::stoi(*version);
  }
  std::error_code ignored;
  facts.bytes = fs::file_size(path, ignored);
  return facts;
}

void sync(const fs::path& path) {
  if (const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
}

// Copies to a temporary file beside `to`, checks it and gives it its name.
core::Result<BackupFacts> copy_checked(const fs::path& from, const fs::path& to) {
  auto source = open(from, SQLITE_OPEN_READWRITE);  // a reader alone could not open a WAL without its index
  if (!source) return tl::unexpected(source.error());
  std::error_code problem;
  if (to.has_parent_path()) fs::create_directories(to.parent_path(), problem);
  const fs::path temporary = to.string() + ".part";
  fs::remove(temporary, problem);
  make_private_file(temporary);
  {
    auto target = open(temporary, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!target) return tl::unexpected(target.error());
    auto copied = copy(source->get(), target->get());
    // One file that stands alone.
    if (copied) {
      if (const auto mode = ask(target->get(), "PRAGMA journal_mode=DELETE"); !mode)
        copied = tl::unexpected(mode.error());
    }
    if (!copied) {
      target->reset();
      fs::remove(temporary, problem);
      return tl::unexpected(copied.error());
    }
  }
  auto facts = check(temporary);
  if (facts) {
    sync(temporary);
    fs::rename(temporary, to, problem);
    if (problem) facts = fail(ErrorCode::io, "cannot write " + to.string() + ": " + problem.message());
    sync(to.has_parent_path() ? to.parent_path() : fs::path("."));
  }
  if (!facts) fs::remove(temporary, problem);
  return facts;
}

// Whether nobody else has the database open; folds its log into it.
core::Result<> take_alone(const fs::path& database) {
  auto handle = open(database, SQLITE_OPEN_READWRITE);
  if (!handle) return tl::unexpected(handle.error());
  sqlite3_busy_timeout(handle->get(), 200);
  for (const auto* sql : {"PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT", "PRAGMA journal_mode=DELETE"}) {
    if (const auto done = ask(handle->get(), sql); !done) {
      return fail(ErrorCode::precondition, database.string() + " is in use: stop the server first");
    }
  }
  return {};
}

}  // namespace

core::Result<BackupFacts> back_up_sqlite(const fs::path& database, const fs::path& to, bool replace) {
  std::error_code problem;
  if (!fs::exists(database, problem)) return fail(ErrorCode::not_found, "there is no database " + database.string());
  if (fs::exists(to, problem) && !replace) {
    return fail(ErrorCode::precondition, to.string() + " exists; --force replaces it");
  }
  return copy_checked(database, to);
}

core::Result<BackupFacts> restore_sqlite(const fs::path& backup, const fs::path& database, int newest_known,
                                         bool replace, fs::path& kept) {
  std::error_code problem;
  if (!fs::exists(backup, problem)) return fail(ErrorCode::not_found, "there is no backup " + backup.string());
  auto facts = check(backup);
  if (!facts) return facts;
  if (facts->schema_version == 0) return fail(ErrorCode::precondition, backup.string() + " is no backup of retell's");
  if (facts->schema_version > newest_known) {
    return fail(ErrorCode::precondition, "the backup is newer than this program");
  }
  if (fs::exists(database, problem)) {
    if (!replace) return fail(ErrorCode::precondition, database.string() + " exists; --force replaces it");
    if (auto alone = take_alone(database); !alone) return tl::unexpected(alone.error());
    kept = database.string() + ".replaced-" + std::to_string(core::epoch_ms(core::SystemClock().wall()));
    fs::rename(database, kept, problem);
    if (problem) return fail(ErrorCode::io, "cannot move " + database.string() + ": " + problem.message());
  }
  auto restored = copy_checked(backup, database);
  if (!restored && !kept.empty()) {
    fs::rename(kept, database, problem);  // as it was
    kept.clear();
  }
  return restored;
}

}  // namespace retell::storage
