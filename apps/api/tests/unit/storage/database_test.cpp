#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "storage/db/migrate.hpp"
#include "storage/db/open.hpp"
#include "support/run.hpp"

namespace retell::storage {
namespace {

using test::run;

class SqliteFile : public ::testing::Test {
 protected:
  SqliteFile() : database_(open_database(url()).value()) {}
  [[nodiscard]] std::string url() const { return "sqlite:" + (folder_.path() / "deep" / "test.db").string(); }
  core::Result<Rows> execute(std::string sql, std::vector<Param> params = {}) {
    return run(database_->execute({std::move(sql), std::move(params)}));
  }
  core::Result<Rows> query(std::string sql, std::vector<Param> params = {}) {
    return run(database_->query({std::move(sql), std::move(params)}));
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(SqliteFile, returns_every_kind_of_value_unchanged) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT, b DOUBLE PRECISION, c TEXT, d TEXT)"));
  const std::string text("ol\xC3\xA1 \0 end", 10);
  ASSERT_TRUE(execute("INSERT INTO t VALUES ($1, $2, $3, $4)", {std::int64_t{1} << 40, 0.5, text, nullptr}));
  const auto rows = query("SELECT a, b, c, d, a + $1 FROM t", {1});
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->front().integer(0), std::int64_t{1} << 40);
  EXPECT_EQ(rows->front().text(2), text);
  EXPECT_TRUE(rows->front().is_null(3));
  EXPECT_FALSE(rows->front().maybe_text(3).has_value());
  EXPECT_EQ(rows->front().integer(4), (std::int64_t{1} << 40) + 1);
}

TEST_F(SqliteFile, binds_by_name_so_that_a_parameter_may_repeat) {
  const auto rows = query("SELECT $2, $1, $2", {"one", "two"});
  EXPECT_EQ(rows->front().text(0) + rows->front().text(1) + rows->front().text(2), "twoonetwo");
}

TEST_F(SqliteFile, tells_conflicts_from_other_errors) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT PRIMARY KEY)"));
  ASSERT_TRUE(execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(execute("INSERT INTO t VALUES (1)").error().code, core::ErrorCode::conflict);
  EXPECT_EQ(query("SELECT nothing FROM nowhere").error().code, core::ErrorCode::io);
  EXPECT_FALSE(query("INSERT INTO t VALUES (2)").has_value());  // readers cannot write
}

TEST_F(SqliteFile, transaction_is_all_or_nothing) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT PRIMARY KEY)"));
  const auto failed = run(
      database_->transaction({{"INSERT INTO t VALUES (1)"}, {"UPDATE t SET a = 9 WHERE a = 5 RETURNING a", {}, 1}}));
  EXPECT_EQ(failed.error().code, core::ErrorCode::conflict);
  EXPECT_EQ(query("SELECT COUNT(*) FROM t")->front().integer(0), 0);
  const auto done = run(
      database_->transaction({{"INSERT INTO t VALUES (1)"}, {"UPDATE t SET a = 9 WHERE a = 1 RETURNING a", {}, 1}}));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ((*done)[1].front().integer(0), 9);
}

TEST_F(SqliteFile, serves_many_readers_and_writers_at_once) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT)"));
  boost::asio::io_context context;
  int failures = 0;
  auto work = [&](int i) -> core::Task<void> {
    const auto written = co_await database_->execute({"INSERT INTO t VALUES ($1)", {i}});
    const auto seen = co_await database_->query({"SELECT a FROM t WHERE a = $1", {i}});
    if (!written || !seen || seen->size() != 1) ++failures;
  };
  for (int i = 0; i < 300; ++i) boost::asio::co_spawn(context, work(i), boost::asio::detached);
  context.run();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(query("SELECT COUNT(*) FROM t")->front().integer(0), 300);
}

TEST_F(SqliteFile, migrations_run_once_and_notice_changes) {
  const auto first = run(migrate(*database_, embedded_migrations()));
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(first->front(), "0001_init");
  EXPECT_TRUE(run(migrate(*database_, embedded_migrations()))->empty());
  auto changed = embedded_migrations();
  changed.front().sql += " ";
  EXPECT_EQ(run(migrate(*database_, changed)).error().code, core::ErrorCode::precondition);
  EXPECT_EQ(run(migrate(*database_, {})).error().code, core::ErrorCode::precondition);
}

TEST_F(SqliteFile, a_migration_that_fails_leaves_nothing_behind) {
  const std::vector<Migration> scripts = {{1, "0001_bad", "CREATE TABLE a (x BIGINT); CREATE TABLE a (x BIGINT);"}};
  EXPECT_FALSE(run(migrate(*database_, scripts)).has_value());
  EXPECT_FALSE(query("SELECT x FROM a").has_value());
  EXPECT_EQ(query("SELECT COUNT(*) FROM schema_migrations")->front().integer(0), 0);
}

TEST_F(SqliteFile, keeps_its_content_when_opened_again) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT)"));
  ASSERT_TRUE(execute("INSERT INTO t VALUES (7)"));
  database_ = open_database(url()).value();
  EXPECT_EQ(query("SELECT a FROM t")->front().integer(0), 7);
  EXPECT_FALSE(open_database("postgres://x").has_value());
}

}  // namespace
}  // namespace retell::storage
