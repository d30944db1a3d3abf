#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "storage/db/migrate.hpp"
#include "storage/db/open.hpp"
#include "storage/db/sqlite_backup.hpp"
#include "storage/stores/organization_store.hpp"
#include "support/child.hpp"
#include "support/paths.hpp"
#include "support/postgres_server.hpp"

namespace retell::storage {
namespace {

using test::run;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class SqliteBackup : public ::testing::Test {
 protected:
  SqliteBackup() {
    open();
    EXPECT_TRUE(run(migrate(*database_, embedded_migrations())));
    newest_ = embedded_migrations().back().version;
  }
  void open() { database_ = open_database("sqlite:" + path_.string()).value(); }
  void add(int i) {
    ASSERT_TRUE(run(OrganizationStore(*database_).insert({"org_" + std::to_string(i), "Name", "", i})));
  }
  static std::int64_t count(const fs::path& path) {
    return run(open_database("sqlite:" + path.string()).value()->query({"SELECT COUNT(*) FROM organizations"}))
        ->front()
        .integer(0);
  }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "retell.db";
  fs::path copy_ = folder_.path() / "backups" / "copy.db";
  fs::path kept_;
  int newest_ = 0;
  std::unique_ptr<Database> database_;
};

TEST_F(SqliteBackup, and_its_database_are_for_their_owner_alone) {
  add(1);
  const auto mode = [](const fs::path& path) { return fs::status(path).permissions(); };
  constexpr auto owner = fs::perms::owner_read | fs::perms::owner_write;
  ASSERT_TRUE(back_up_sqlite(path_, copy_, false));
  for (const auto& path : {path_, fs::path(path_.string() + "-wal"), copy_}) EXPECT_EQ(mode(path), owner) << path;
  const auto restored = folder_.path() / "restored.db";
  ASSERT_TRUE(restore_sqlite(copy_, restored, newest_, false, kept_));
  EXPECT_EQ(mode(restored), owner);
  EXPECT_EQ(count(restored), 1);
  // What its operator opened to others stays open.
  database_.reset();
  fs::permissions(path_, owner | fs::perms::group_read);
  open();
  EXPECT_EQ(mode(path_), owner | fs::perms::group_read);
}

TEST_F(SqliteBackup, is_a_copy_of_one_moment_while_others_write) {
  // Each transaction adds two, so any copy of one moment has an even number.
  std::atomic<bool> over{false};
  std::thread writer([&] {
    for (int i = 0; !over; i += 2) {
      const auto sql = "INSERT INTO organizations (id, name, created_at) VALUES ($1, 'x', 1)";
      (void)run(database_->transaction({{sql, {"org_" + std::to_string(i)}}, {sql, {"org_" + std::to_string(i + 1)}}}));
    }
  });
  std::int64_t last = 0;
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(20ms);
    const auto made = back_up_sqlite(path_, copy_, true);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->schema_version, newest_);
    const auto found = count(copy_);
    EXPECT_EQ(found % 2, 0);
    EXPECT_GE(found, last);
    last = found;
  }
  over = true;
  writer.join();
  EXPECT_GT(last, 0);
}

TEST_F(SqliteBackup, overwrites_nothing_unless_told_so) {
  ASSERT_TRUE(back_up_sqlite(path_, copy_, false));
  EXPECT_EQ(back_up_sqlite(path_, copy_, false).error().code, core::ErrorCode::precondition);
  EXPECT_TRUE(back_up_sqlite(path_, copy_, true).has_value());
  EXPECT_EQ(back_up_sqlite(folder_.path() / "none.db", copy_, true).error().code, core::ErrorCode::not_found);
}

TEST_F(SqliteBackup, comes_back_and_keeps_what_was_there) {
  add(1);
  ASSERT_TRUE(back_up_sqlite(path_, copy_, false));
  add(2);
  EXPECT_EQ(restore_sqlite(copy_, path_, newest_, false, kept_).error().code, core::ErrorCode::precondition);
  EXPECT_EQ(restore_sqlite(copy_, path_, newest_, true, kept_).error().code, core::ErrorCode::precondition);  // in use
  database_.reset();
  const auto restored = restore_sqlite(copy_, path_, newest_, true, kept_);
  ASSERT_TRUE(restored.has_value()) << restored.error().message;
  EXPECT_EQ(count(path_), 1);
  EXPECT_EQ(count(kept_), 2);
  open();
  add(3);
}

TEST_F(SqliteBackup, that_is_damaged_foreign_or_newer_is_refused) {
  for (int i = 0; i < 2'000; ++i) add(i);
  ASSERT_TRUE(back_up_sqlite(path_, copy_, false));
  database_.reset();
  EXPECT_EQ(restore_sqlite(copy_, path_, newest_ - 1, true, kept_).error().code, core::ErrorCode::precondition);
  const auto damaged = folder_.path() / "damaged.db";
  fs::copy_file(copy_, damaged);
  {
    std::fstream file(damaged, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(fs::file_size(damaged) / 2));
    file << std::string(8'192, 'x');
  }
  EXPECT_FALSE(restore_sqlite(damaged, path_, newest_, true, kept_).has_value());
  const auto foreign = folder_.path() / "foreign.db";
  ASSERT_TRUE(run(open_database("sqlite:" + foreign.string()).value()->execute({"CREATE TABLE a (b BIGINT)"})));
  EXPECT_EQ(restore_sqlite(foreign, path_, newest_, true, kept_).error().code, core::ErrorCode::precondition);
  EXPECT_EQ(count(path_), 2'000);  // untouched
  EXPECT_TRUE(kept_.empty());
}

// The bash blocks below a heading of the document.
std::vector<std::string> blocks(const std::string& heading) {
  const auto text = test::read_file(test::source_dir() + "/../../docs/backup.md");
  std::vector<std::string> found;
  constexpr std::string_view fence = "```bash\n";
  for (auto at = text.find(fence, text.find(heading)); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    found.push_back(text.substr(at, text.find("```", at) - at));
  }
  return found;
}

TEST(PostgresBackup, works_as_the_documentation_says) {
  auto& server = test::PostgresServer::shared();
  const auto url = server.make_database();
  const auto database = open_database(url).value();
  ASSERT_TRUE(run(migrate(*database, embedded_migrations())));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(run(OrganizationStore(*database).insert({"org_" + std::to_string(i), "Olá", "", i})));
  }
  const auto commands = blocks("## PostgreSQL");
  ASSERT_EQ(commands.size(), 2U);
  const test::TemporaryFolder folder;
  const auto perform = [&](const std::string& script) {
    const auto log = folder.path() / "log";
    const auto line = "set -e; cd " + folder.path().string() + "; export RETELL_DATABASE_URL='" + url +
                      "' PATH=" + test::PostgresServer::programs_folder() + ":$PATH\n" + script;
    const int status = test::wait_child(test::start_child({"bash", "-c", line}, log, false));
    EXPECT_EQ(status, 0) << test::read_file(log);
  };
  perform(commands[0]);
  ASSERT_TRUE(run(OrganizationStore(*database).insert({"org_later", "x", "", 1})));
  perform(commands[1]);
  const auto restored = open_database(server.url("retell_restored")).value();
  EXPECT_EQ(run(restored->query({"SELECT COUNT(*) FROM organizations WHERE name = 'Olá'"}))->front().integer(0), 10);
  EXPECT_EQ(run(restored->query({"SELECT COUNT(*) FROM organizations"}))->front().integer(0), 10);
  const auto states = run(migration_status(*restored, embedded_migrations())).value();
  for (const auto& state : states) {
    EXPECT_TRUE(state.applied_at && !state.changed && !state.unknown) << state.name;
  }
  EXPECT_TRUE(run(migrate(*restored, embedded_migrations()))->empty());
}

}  // namespace
}  // namespace retell::storage
