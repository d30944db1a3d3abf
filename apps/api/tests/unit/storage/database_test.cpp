#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "storage/db/migrate.hpp"
#include "support/any_database.hpp"

namespace retell::storage {
namespace {

using test::run;

class AnyDatabase : public test::AnyDatabase {};

TEST_P(AnyDatabase, returns_every_kind_of_value_unchanged) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT, b DOUBLE PRECISION, c TEXT, d TEXT)"));
  const std::string text = "ol\xC3\xA1 'quoted' \\ \r\n \xF0\x9F\x93\x9E";
  ASSERT_TRUE(execute("INSERT INTO t VALUES ($1, $2, $3, $4)", {std::int64_t{1} << 40, 0.5, text, nullptr}));
  const auto rows = query("SELECT a, b, c, d, a + $1 FROM t", {1});
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->front().integer(0), std::int64_t{1} << 40);
  EXPECT_EQ(rows->front().text(2), text);
  EXPECT_TRUE(rows->front().is_null(3));
  EXPECT_FALSE(rows->front().maybe_text(3).has_value());
  EXPECT_EQ(rows->front().integer(4), (std::int64_t{1} << 40) + 1);
}

TEST_P(AnyDatabase, counts_and_sums_in_whole_numbers) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT, b DOUBLE PRECISION)"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(execute("INSERT INTO t VALUES ($1, $2)", {i, 0.25}));
  const auto rows = query("SELECT COUNT(*), SUM(a), MAX(a), b > 0.1 FROM t GROUP BY b");
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->front().integer(0), 3);
  EXPECT_EQ(rows->front().integer(1), 3);
  EXPECT_EQ(rows->front().integer(2), 2);
  EXPECT_EQ(rows->front().integer(3), 1);
}

TEST_P(AnyDatabase, binds_by_name_so_that_a_parameter_may_repeat) {
  const auto rows = query("SELECT $2, $1, $2", {"one", "two"});
  EXPECT_EQ(rows->front().text(0) + rows->front().text(1) + rows->front().text(2), "twoonetwo");
}

TEST_P(AnyDatabase, tells_conflicts_from_other_errors) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT PRIMARY KEY)"));
  ASSERT_TRUE(execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(execute("INSERT INTO t VALUES (1)").error().code, core::ErrorCode::conflict);
  EXPECT_EQ(query("SELECT nothing FROM nowhere").error().code, core::ErrorCode::io);
  EXPECT_FALSE(execute("INSERT INTO t VALUES (2), (1)").has_value());
  EXPECT_EQ(query("SELECT COUNT(*) FROM t")->front().integer(0), 1);  // nothing of a statement that failed
}

TEST_P(AnyDatabase, transaction_is_all_or_nothing) {
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

TEST_P(AnyDatabase, serves_many_readers_and_writers_at_once) {
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

TEST_P(AnyDatabase, migrations_run_once_and_notice_changes) {
  const auto first = run(migrate(*database_, embedded_migrations()));
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(first->front(), "0001_init");
  EXPECT_TRUE(run(migrate(*database_, embedded_migrations()))->empty());
  auto changed = embedded_migrations();
  changed.front().sql += " ";
  EXPECT_EQ(run(migrate(*database_, changed)).error().code, core::ErrorCode::precondition);
}

TEST_P(AnyDatabase, a_migration_that_fails_leaves_nothing_behind) {
  const std::vector<Migration> scripts = {{1, "0001_bad", "CREATE TABLE a (x BIGINT); CREATE TABLE a (x BIGINT);"}};
  EXPECT_FALSE(run(migrate(*database_, scripts)).has_value());
  EXPECT_FALSE(query("SELECT x FROM a").has_value());
  EXPECT_EQ(query("SELECT COUNT(*) FROM schema_migrations")->front().integer(0), 0);
}

TEST_P(AnyDatabase, scripts_of_several_processes_run_once) {
  const auto other = open_database(url_).value();
  boost::asio::io_context context;
  const std::vector<Migration> scripts = {{1, "0001_a", "CREATE TABLE a (x BIGINT);"},
                                          {2, "0002_b", "CREATE TABLE b (x BIGINT); INSERT INTO b VALUES (1);"}};
  std::size_t ran = 0;
  int failures = 0;
  auto work = [&](Database& database) -> core::Task<void> {
    const auto done = co_await migrate(database, scripts);
    if (done)
      ran += done->size();
    else
      ++failures;
  };
  for (int i = 0; i < 4; ++i)
    boost::asio::co_spawn(context, work(i % 2 == 0 ? *database_ : *other), boost::asio::detached);
  context.run();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(ran, 2U);
  EXPECT_EQ(query("SELECT COUNT(*) FROM b")->front().integer(0), 1);
}

TEST_P(AnyDatabase, tells_what_ran_and_what_is_to_come) {
  auto scripts = std::vector<Migration>{{1, "0001_a", "CREATE TABLE a (x BIGINT);"}};
  const auto before = run(migration_status(*database_, scripts)).value();
  ASSERT_EQ(before.size(), 1U);
  EXPECT_FALSE(before[0].applied_at.has_value());
  ASSERT_TRUE(run(migrate(*database_, scripts)));
  scripts.push_back({2, "0002_b", "CREATE TABLE b (x BIGINT);"});
  const auto after = run(migration_status(*database_, scripts)).value();
  EXPECT_TRUE(after[0].applied_at.has_value());
  EXPECT_FALSE(after[0].changed);
  EXPECT_FALSE(after[1].applied_at.has_value());
  ASSERT_TRUE(run(migrate(*database_, scripts)));
  scripts[0].sql += "-- other";
  scripts.pop_back();
  const auto newer = run(migration_status(*database_, scripts)).value();
  EXPECT_TRUE(newer[0].changed);
  ASSERT_EQ(newer.size(), 2U);
  EXPECT_TRUE(newer[1].unknown);
}

// So that the release before can be gone back to.
TEST_P(AnyDatabase, may_be_newer_than_the_program_unless_something_was_taken_away) {
  const Migration first{1, "0001_a", "CREATE TABLE a (x BIGINT, y BIGINT);"};
  const Migration oldest{2, "0002_o", "ALTER TABLE schema_migrations ADD COLUMN oldest BIGINT NOT NULL DEFAULT 0;"};
  const Migration adds{3, "0003_b", "CREATE TABLE b (x BIGINT);"};
  const Migration removes{4, "0004_c", "-- Tidies up.\n-- contract: oldest 0003\nALTER TABLE a DROP COLUMN y;"};
  ASSERT_TRUE(run(migrate(*database_, {first, oldest, adds})));
  EXPECT_TRUE(run(migrate(*database_, {first, oldest}))->empty()) << "it only has more";
  ASSERT_TRUE(run(migrate(*database_, {first, oldest, adds, removes})));
  EXPECT_TRUE(run(migrate(*database_, {first, oldest, adds})));
  const auto too_old = run(migrate(*database_, {first, oldest}));
  ASSERT_FALSE(too_old);
  EXPECT_EQ(too_old.error().code, core::ErrorCode::precondition);
  EXPECT_NE(too_old.error().message.find("needs one that knows migration 3"), std::string::npos)
      << too_old.error().message;
  const auto other_line = run(migrate(*database_, {first, oldest, removes}));
  ASSERT_FALSE(other_line);
  EXPECT_NE(other_line.error().message.find("0003_b, which this program does not know"), std::string::npos);
}

TEST_P(AnyDatabase, gets_the_text_of_its_own_dialect) {
  const std::vector<Migration> scripts = {{1, "0001_a", "CREATE TABLE a (x INTEGER PRIMARY KEY AUTOINCREMENT);",
                                           "CREATE TABLE a (x BIGSERIAL PRIMARY KEY);"}};
  const auto done = run(migrate(*database_, scripts));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_TRUE(run(migrate(*database_, scripts))->empty());
}

TEST_P(AnyDatabase, keeps_its_content_when_opened_again) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT)"));
  ASSERT_TRUE(execute("INSERT INTO t VALUES (7)"));
  database_ = open_database(url_).value();
  EXPECT_EQ(query("SELECT a FROM t")->front().integer(0), 7);
}

RETELL_ON_EVERY_DATABASE(AnyDatabase);

TEST(OpenDatabase, refuses_addresses_that_it_does_not_know) {
  EXPECT_EQ(open_database("mysql://x").error().field, "database.url");
}

TEST(Sqlite, keeps_any_bytes_and_its_readers_from_writing) {
  const test::TemporaryFolder folder;
  const auto database = open_database("sqlite:" + (folder.path() / "test.db").string()).value();
  ASSERT_TRUE(run(database->execute({"CREATE TABLE t (a TEXT)"})));
  const std::string text("ol\xC3\xA1 \0 end", 10);
  ASSERT_TRUE(run(database->execute({"INSERT INTO t VALUES ($1)", {text}})));
  EXPECT_EQ(run(database->query({"SELECT a FROM t"}))->front().text(0), text);
  EXPECT_FALSE(run(database->query({"INSERT INTO t VALUES ('x')"})).has_value());
}

}  // namespace
}  // namespace retell::storage
