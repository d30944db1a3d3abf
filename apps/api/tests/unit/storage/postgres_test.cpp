// What only PostgreSQL can do to us: restarts, time-outs, collisions, stale plans, TLS.
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "core/race.hpp"
#include "storage/db/open.hpp"
#include "storage/db/postgres_address.hpp"
#include "support/postgres_server.hpp"

namespace retell::storage {
namespace {

using test::PostgresServer;
using test::run;
using namespace std::chrono_literals;

std::string with(const std::string& url, const std::string& parameters) { return url + "?" + parameters; }

class Postgres : public ::testing::Test {
 protected:
  Postgres() : url_(PostgresServer::shared().make_database()), database_(open_database(url_).value()) {}
  core::Result<Rows> execute(std::string sql, std::vector<Param> params = {}) {
    return run(database_->execute({std::move(sql), std::move(params)}));
  }
  core::Result<Rows> query(std::string sql, std::vector<Param> params = {}) {
    return run(database_->query({std::move(sql), std::move(params)}));
  }
  // Connections of this database, as the server sees them from another one.
  std::int64_t connections(const std::string& and_where = "TRUE") {
    const auto other = open_database(PostgresServer::shared().url("postgres")).value();
    return run(other->query({"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = $1 AND " + and_where,
                             {url_.substr(url_.rfind('/') + 1)}}))
        ->front()
        .integer(0);
  }
  void terminate_connections() {
    PostgresServer::shared().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                                 url_.substr(url_.rfind('/') + 1) + "'");
  }

  std::string url_;
  std::unique_ptr<Database> database_;
};

TEST(PostgresAddress, is_taken_apart_without_showing_the_password) {
  const auto parts = parse_postgres_url("postgres://me:p%40ss@db.example.com:6432/voice?sslmode=verify-full").value();
  EXPECT_EQ(parameter(parts, "password"), "p@ss");
  EXPECT_EQ(parameter(parts, "sslmode"), "verify-full");
  EXPECT_EQ(postgres_place(parts), "db.example.com:6432/voice");
  for (const auto* bad : {"postgres://me:secret@host/db?nonsense=1", "postgres://me:secret@[::1/db", "http://secret"}) {
    const auto refused = parse_postgres_url(bad);
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
  }
}

TEST_F(Postgres, takes_the_index_of_a_table_that_is_still_small) {
  ASSERT_TRUE(execute("CREATE TABLE small (id TEXT PRIMARY KEY, body TEXT)"));
  ASSERT_TRUE(execute("INSERT INTO small VALUES ('a', 'b')"));
  ASSERT_TRUE(execute("ANALYZE small"));
  const auto plan = query("EXPLAIN SELECT body FROM small WHERE id = 'a'").value();
  EXPECT_EQ(plan.front().text(0).substr(0, 10), "Index Scan");
}

TEST_F(Postgres, refuses_a_wrong_password_at_once_and_does_not_repeat_it) {
  auto wrong = url_;
  wrong.replace(wrong.find("s3cret"), 6, "wr0ng!");
  const auto begun = std::chrono::steady_clock::now();
  const auto refused = open_database(wrong);
  ASSERT_FALSE(refused.has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  EXPECT_EQ(refused.error().message.find("wr0ng!"), std::string::npos) << refused.error().message;
}

TEST_F(Postgres, gives_up_within_the_wait_when_nobody_listens) {
  const auto begun = std::chrono::steady_clock::now();
  DatabaseOptions options;
  options.wait = 300ms;
  const auto refused = open_database("postgres://a:b@127.0.0.1:1/x", options);
  EXPECT_EQ(refused.error().code, core::ErrorCode::unavailable);
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(took, 300ms);
  EXPECT_LT(took, 4s);
}

TEST_F(Postgres, writes_that_share_are_committed_together) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT)"));
  boost::asio::io_context context;
  constexpr int writes = 400;
  int failures = 0;
  auto write = [&](int i) -> core::Task<void> {
    Statement one{"INSERT INTO t VALUES ($1) RETURNING a", {i}};
    one.shares = true;
    const auto rows = co_await database_->execute(std::move(one));
    if (!rows || rows->front().integer(0) != i) ++failures;
  };
  for (int i = 0; i < writes; ++i) boost::asio::co_spawn(context, write(i), boost::asio::detached);
  context.run();
  EXPECT_EQ(failures, 0);
  const auto rows = query("SELECT COUNT(*), COUNT(DISTINCT xmin::text) FROM t").value();
  EXPECT_EQ(rows.front().integer(0), writes);
  EXPECT_LT(rows.front().integer(1), writes / 4);
}

TEST_F(Postgres, a_write_that_fails_spoils_none_that_it_was_to_share_with) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT)"));
  ASSERT_TRUE(execute("INSERT INTO t SELECT i, 'before' FROM generate_series(0, 90, 10) AS i"));
  boost::asio::io_context context;
  std::vector<int> refused;
  auto write = [&](int i) -> core::Task<void> {
    std::vector<Statement> both = {{"INSERT INTO t VALUES ($1, 'now')", {i}},
                                   {"INSERT INTO t VALUES ($1, 'now')", {i + 1000}}};
    for (auto& one : both) one.shares = true;
    const auto done = co_await database_->transaction(std::move(both));
    if (!done && done.error().code == core::ErrorCode::conflict) refused.push_back(i);
  };
  for (int i = 0; i < 100; ++i) boost::asio::co_spawn(context, write(i), boost::asio::detached);
  context.run();
  EXPECT_EQ(std::set<int>(refused.begin(), refused.end()), (std::set<int>{0, 10, 20, 30, 40, 50, 60, 70, 80, 90}));
  EXPECT_EQ(query("SELECT COUNT(*) FROM t WHERE b = 'now'")->front().integer(0), 180);
}

TEST_F(Postgres, texts_that_it_cannot_hold_are_the_callers_fault) {
  ASSERT_TRUE(execute("CREATE TABLE t (a TEXT)"));
  EXPECT_EQ(execute("INSERT INTO t VALUES ($1)", {std::string("a\0b", 3)}).error().code, core::ErrorCode::invalid);
  EXPECT_EQ(execute("INSERT INTO t VALUES ($1)", {"\xff\xfe"}).error().code, core::ErrorCode::invalid);
  const auto odd = run(
      database_->transaction({{"INSERT INTO t VALUES ('x')"}, {"INSERT INTO t VALUES ($1)", {std::string("\0", 1)}}}));
  EXPECT_EQ(odd.error().code, core::ErrorCode::invalid);
  EXPECT_EQ(query("SELECT COUNT(*) FROM t")->front().integer(0), 0);
}

TEST_F(Postgres, messages_name_no_values) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT UNIQUE, b TEXT UNIQUE)"));
  const auto failed = execute("INSERT INTO t VALUES ($1, 'x')", {"private text"});
  EXPECT_EQ(failed.error().message.find("private"), std::string::npos) << failed.error().message;
  ASSERT_TRUE(execute("INSERT INTO t (b) VALUES ($1)", {"private text"}));
  const auto twice = execute("INSERT INTO t (b) VALUES ($1)", {"private text"});
  EXPECT_EQ(twice.error().code, core::ErrorCode::conflict);
  EXPECT_EQ(twice.error().message.find("private"), std::string::npos) << twice.error().message;
}

TEST_F(Postgres, maps_foreign_keys_to_conflicts) {
  ASSERT_TRUE(execute("CREATE TABLE a (id BIGINT PRIMARY KEY)"));
  ASSERT_TRUE(execute("CREATE TABLE b (a BIGINT NOT NULL REFERENCES a (id))"));
  EXPECT_EQ(execute("INSERT INTO b VALUES (5)").error().code, core::ErrorCode::conflict);
  EXPECT_EQ(execute("INSERT INTO b VALUES (NULL)").error().code, core::ErrorCode::conflict);
}

TEST_F(Postgres, a_pool_smaller_than_the_crowd_serves_all_of_it) {
  DatabaseOptions options;
  options.most_connections = 3;
  database_ = open_database(url_, options).value();
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT)"));
  boost::asio::io_context context;
  int failures = 0;
  auto work = [&](int i) -> core::Task<void> {
    const auto written = co_await database_->execute({"INSERT INTO t VALUES ($1)", {i}});
    const auto seen = co_await database_->query({"SELECT a, pg_sleep(0.001) FROM t WHERE a = $1", {i}});
    if (!written || !seen || seen->size() != 1) ++failures;
  };
  for (int i = 0; i < 300; ++i) boost::asio::co_spawn(context, work(i), boost::asio::detached);
  context.run();
  EXPECT_EQ(failures, 0);
  EXPECT_LE(connections(), 3);
}

TEST_F(Postgres, a_crowd_that_cannot_be_served_in_time_is_told_so) {
  DatabaseOptions options;
  options.most_connections = 1;
  options.wait = 200ms;
  database_ = open_database(url_, options).value();
  boost::asio::io_context context;
  std::vector<core::ErrorCode> codes;
  auto work = [&]() -> core::Task<void> {
    const auto done = co_await database_->query({"SELECT pg_sleep(0.6)"});
    codes.push_back(done ? core::ErrorCode::internal : done.error().code);
  };
  for (int i = 0; i < 3; ++i) boost::asio::co_spawn(context, work(), boost::asio::detached);
  context.run();
  EXPECT_EQ(std::count(codes.begin(), codes.end(), core::ErrorCode::unavailable), 2);
  EXPECT_TRUE(query("SELECT 1"));
}

TEST_F(Postgres, a_statement_that_takes_too_long_is_ended_and_harms_nobody) {
  DatabaseOptions options;
  options.most_connections = 2;
  options.query_timeout = 150ms;
  database_ = open_database(url_, options).value();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(query("SELECT pg_sleep(20)").error().code, core::ErrorCode::timeout);
  EXPECT_TRUE(query("SELECT 1"));
  EXPECT_EQ(connections("state = 'active'"), 0);
}

TEST_F(Postgres, a_server_that_no_longer_answers_is_given_up) {
  DatabaseOptions options;
  options.query_timeout = 200ms;
  database_ = open_database(url_, options).value();
  // The server's own time-out is switched off, as if the network had swallowed the answer.
  const auto begun = std::chrono::steady_clock::now();
  const auto stuck = run(database_->transaction({{"SET LOCAL statement_timeout = 0"}, {"SELECT pg_sleep(20)"}}));
  EXPECT_EQ(stuck.error().code, core::ErrorCode::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  EXPECT_TRUE(query("SELECT 1"));
}

TEST_F(Postgres, a_cancelled_caller_leaves_no_connection_in_the_middle_of_something) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT PRIMARY KEY)"));
  for (int i = 0; i < 20; ++i) {
    const auto late = run(core::with_timeout(
        database_->transaction({{"INSERT INTO t VALUES ($1)", {i}}, {"SELECT pg_sleep(0.02)"}}), 5ms, "the insert"));
    EXPECT_TRUE(late.has_value() || late.error().code == core::ErrorCode::timeout);
  }
  EXPECT_EQ(connections("state LIKE 'idle in transaction%'"), 0);
  const auto rows = query("SELECT a FROM t ORDER BY a");
  ASSERT_TRUE(rows.has_value());
  for (std::size_t i = 0; i < rows->size(); ++i) EXPECT_EQ((*rows)[i].integer(0), static_cast<std::int64_t>(i));
  EXPECT_LE(connections(), 2);
}

TEST_F(Postgres, a_transaction_that_fails_leaves_its_connection_clean) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT PRIMARY KEY)"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(run(database_->transaction({{"INSERT INTO t VALUES (1)"}, {"INSERT INTO t VALUES (1)"}})));
    EXPECT_FALSE(run(database_->transaction({{"INSERT INTO t VALUES (1) RETURNING a", {}, 2}})));
  }
  EXPECT_EQ(query("SELECT COUNT(*) FROM t")->front().integer(0), 0);
  EXPECT_EQ(connections("state LIKE 'idle in transaction%'"), 0);
  EXPECT_EQ(connections(), 1);  // none was thrown away
}

TEST_F(Postgres, transactions_that_deadlock_are_run_again) {
  ASSERT_TRUE(execute("CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"));
  ASSERT_TRUE(execute("INSERT INTO t VALUES (1, 0), (2, 0)"));
  boost::asio::io_context context;
  int failures = 0;
  auto work = [&](int first) -> core::Task<void> {
    const Statement a{"UPDATE t SET n = n + 1 WHERE id = $1 RETURNING n", {first}, 1};
    const Statement pause{"SELECT pg_sleep(0.05)"};
    const Statement b{"UPDATE t SET n = n + 1 WHERE id = $1 RETURNING n", {3 - first}, 1};
    const auto done = co_await database_->transaction({a, pause, b});
    if (!done) ++failures;
  };
  for (int i = 0; i < 6; ++i) boost::asio::co_spawn(context, work(1 + i % 2), boost::asio::detached);
  context.run();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(query("SELECT SUM(n) FROM t")->front().integer(0), 12);
}

TEST_F(Postgres, writes_that_cannot_be_put_in_order_are_run_again) {
  database_ = open_database(with(url_, "options=-c%20default_transaction_isolation%3Dserializable")).value();
  ASSERT_TRUE(execute("CREATE TABLE t (n BIGINT NOT NULL)"));
  ASSERT_TRUE(execute("INSERT INTO t VALUES (0)"));
  boost::asio::io_context context;
  int failures = 0;
  auto work = [&]() -> core::Task<void> {
    for (int i = 0; i < 10; ++i) {
      const auto done = co_await database_->execute({"UPDATE t SET n = n + 1"});
      if (!done) ++failures;
    }
  };
  for (int i = 0; i < 3; ++i) boost::asio::co_spawn(context, work(), boost::asio::detached);
  context.run();
  EXPECT_EQ(query("SELECT n FROM t")->front().integer(0), 30 - failures);
  EXPECT_EQ(failures, 0);
}

TEST_F(Postgres, a_table_changed_by_another_process_spoils_no_prepared_statement) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT)"));
  ASSERT_TRUE(execute("INSERT INTO t VALUES (1)"));
  const std::string all = "SELECT * FROM t";
  ASSERT_TRUE(query(all));
  const auto other = open_database(url_).value();
  ASSERT_TRUE(run(other->execute({"ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'new'"})));
  EXPECT_EQ(query(all)->front().text(1), "new");
  ASSERT_TRUE(run(database_->transaction({{all}})));
  ASSERT_TRUE(execute("DEALLOCATE ALL"));
  EXPECT_EQ(query(all)->front().text(1), "new");
}

TEST_F(Postgres, more_texts_than_are_kept_prepared_all_work) {
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(query("SELECT $1::BIGINT + " + std::to_string(i), {1})->front().integer(0), i + 1);
  }
}

TEST_F(Postgres, carries_large_answers_and_large_parameters) {
  const std::string large(8U << 20U, 'x');
  ASSERT_TRUE(execute("CREATE TABLE t (a TEXT)"));
  ASSERT_TRUE(run(database_->transaction(
      {{"INSERT INTO t VALUES ($1)", {large}}, {"INSERT INTO t VALUES ($1) RETURNING a", {large}, 1}})));
  const auto rows = query("SELECT a FROM t");
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ((*rows)[1].text(0), large);
}

TEST_F(Postgres, connections_that_the_server_closed_are_replaced_unnoticed) {
  ASSERT_TRUE(execute("CREATE TABLE t (a BIGINT)"));
  for (int i = 0; i < 5; ++i) {
    terminate_connections();
    while (connections() > 0) std::this_thread::sleep_for(5ms);
    const auto written = execute("INSERT INTO t VALUES (1)");
    ASSERT_TRUE(written.has_value()) << written.error().message;
  }
  EXPECT_EQ(query("SELECT COUNT(*) FROM t")->front().integer(0), 5);
}

TEST_F(Postgres, a_read_whose_connection_dies_is_repeated) {
  std::thread killer([&] {
    std::this_thread::sleep_for(200ms);
    terminate_connections();
  });
  const auto rows = query("SELECT pg_sleep(0.5), 7");
  killer.join();
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  EXPECT_EQ(rows->front().integer(1), 7);
}

TEST(PostgresRestart, loses_nothing_that_was_acknowledged) {
  for (const bool politely : {true, false}) {
    PostgresServer server;
    const auto database = open_database(server.make_database(), {.most_connections = 4, .wait = 20s}).value();
    ASSERT_TRUE(run(database->execute({"CREATE TABLE t (a BIGINT PRIMARY KEY)"})));
    std::atomic<bool> over{false};
    std::vector<int> acknowledged;
    int unknown = 0;
    int lost_reads = 0;
    std::thread clients([&] {
      boost::asio::io_context context;
      int next = 0;
      auto write = [&]() -> core::Task<void> {
        while (!over) {
          const int mine = next++;
          const auto done = co_await database->execute({"INSERT INTO t VALUES ($1)", {mine}});
          if (done)
            acknowledged.push_back(mine);
          else
            ++unknown;
        }
      };
      auto read = [&]() -> core::Task<void> {
        while (!over) {
          const auto done = co_await database->query({"SELECT COUNT(*) FROM t"});
          if (!done) ++lost_reads;
        }
      };
      for (int i = 0; i < 4; ++i) boost::asio::co_spawn(context, write(), boost::asio::detached);
      for (int i = 0; i < 2; ++i) boost::asio::co_spawn(context, read(), boost::asio::detached);
      context.run();
    });
    std::this_thread::sleep_for(200ms);
    politely ? server.stop() : server.crash();
    std::this_thread::sleep_for(300ms);
    server.start();
    std::this_thread::sleep_for(3s);
    over = true;
    clients.join();
    const auto rows = run(database->query({"SELECT a FROM t"}));
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    std::set<std::int64_t> stored;
    for (const auto& row : *rows) stored.insert(row.integer(0));
    for (const int one : acknowledged) EXPECT_TRUE(stored.contains(one)) << one;
    EXPECT_LE(unknown, 4);  // at most one each, under way when the server went
    EXPECT_EQ(lost_reads, 0);
    EXPECT_GT(acknowledged.size(), 100U);
  }
}

TEST(PostgresTls, is_demanded_and_checked_as_the_address_says) {
  PostgresServer server(true);
  const auto url = server.make_database();
  const auto secure = open_database(with(url, "sslmode=verify-full&sslrootcert=" + server.ca_file()));
  ASSERT_TRUE(secure.has_value()) << secure.error().message;
  EXPECT_EQ(run((*secure)->query({"SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"}))->front().integer(0), 1);
  EXPECT_FALSE(open_database(with(url, "sslmode=disable"), {.wait = 500ms}));
  // A certificate that some other authority would have to sign.
  PostgresServer stranger(true);
  EXPECT_FALSE(open_database(with(url, "sslmode=verify-full&sslrootcert=" + stranger.ca_file()), {.wait = 500ms}));
}

}  // namespace
}  // namespace retell::storage
