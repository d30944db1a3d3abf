#include "storage/db/postgres_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <random>

#include "core/race.hpp"

namespace retell::storage {
namespace {

using namespace std::chrono_literals;
namespace asio = core::asio;

constexpr int most_attempts = 8;
constexpr auto grace = 1s;           // for the server's own time-out to come first
constexpr auto script_time = 30min;  // a migration may rewrite a large table, or wait for another process's
constexpr std::int64_t script_lock = 0x7265'7465'6c6c;  // "retell"; a number of the advisory locks' name space

// Those who collided must not meet again at once.
core::Task<void> step_aside(int attempt) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<int> spread(1, 4 << attempt);
  co_await core::sleep_for(std::chrono::milliseconds(spread(random)));
}

core::Task<PostgresResult<std::vector<Rows>>> run_alone(PostgresConnection& connection, const Statement& statement,
                                                        core::TimePoint until) {
  const std::vector<const Statement*> alone{&statement};
  co_return co_await connection.run(alone, until);
}

const Statement& plain(const char* sql) {
  static thread_local std::unordered_map<std::string, Statement> known;
  return known.try_emplace(sql, Statement{sql}).first->second;
}

}  // namespace

core::Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(const std::string& url, std::string password,
                                                                       PostgresPoolOptions options, core::Logger log) {
  auto parameters = parse_postgres_url(url);
  if (!parameters) return tl::unexpected(parameters.error());
  if (!password.empty() && parameter(*parameters, "password").empty()) {
    parameters->emplace_back("password", std::move(password));
  }
  std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(std::move(*parameters), options, std::move(log)));
  auto first = asio::co_spawn(database->worker_.executor(), database->run_one({"SELECT 1"}, Repeat::losses_too),
                              asio::use_future)
                   .get();
  if (!first) return tl::unexpected(first.error());
  return database;
}

PostgresDatabase::PostgresDatabase(PostgresParameters parameters, PostgresPoolOptions options, core::Logger log)
    : options_(options),
      worker_(0),
      pool_(worker_, std::move(parameters), options, std::move(log)),
      batcher_(worker_, pool_, options.statement_timeout + grace) {
  worker_.start("database");
  asio::post(worker_.context(), [this] { worker_.background().spawn("database tending", pool_.tend()); });
}

PostgresDatabase::~PostgresDatabase() {
  // Bounded: every statement has its deadline, which the pool keeps until it is closed.
  asio::co_spawn(worker_.executor(), pool_.close(), asio::use_future).wait();
  worker_.stop();
}

core::TimePoint PostgresDatabase::deadline() const {
  return std::chrono::steady_clock::now() + options_.statement_timeout + grace;
}

template <class T>
core::Task<T> PostgresDatabase::there(core::Task<T> task) {
  // The caller's cancellation would be emitted on another thread than the connection's: it waits instead.
  co_return co_await asio::co_spawn(worker_.executor(), std::move(task),
                                    asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
}

core::Task<core::Result<Rows>> PostgresDatabase::query(Statement statement) {
  co_return co_await there(run_one(std::move(statement), Repeat::losses_too));
}

core::Task<core::Result<Rows>> PostgresDatabase::execute(Statement statement) {
  if (!statement.shares) co_return co_await there(run_one(std::move(statement), Repeat::collisions));
  std::vector<Statement> alone;
  alone.push_back(std::move(statement));
  auto rows = co_await there(run_shared(std::move(alone)));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return std::move(rows->front());
}

core::Task<core::Result<std::vector<Rows>>> PostgresDatabase::transaction(std::vector<Statement> statements) {
  const bool shares = std::all_of(statements.begin(), statements.end(),
                                  [](const auto& one) { return one.shares && one.at_least_rows == 0; });
  co_return co_await there(shares ? run_shared(std::move(statements)) : run_all(std::move(statements)));
}

core::Task<core::Result<bool>> PostgresDatabase::script(Script script) {
  co_return co_await there(run_script(std::move(script)));
}

core::Task<core::Result<Rows>> PostgresDatabase::run_one(Statement statement, Repeat repeat) {
  const std::vector<const Statement*> alone{&statement};
  for (int attempt = 1;; ++attempt) {
    auto taken = co_await pool_.take();
    if (!taken) co_return tl::unexpected(taken.error().error);
    PostgresResult<std::vector<Rows>> outcome;
    {
      const PostgresBorrowed connection(pool_, std::move(*taken));
      outcome = co_await (*connection).run(alone, deadline());
    }
    if (outcome) co_return std::move(outcome->front());
    const auto& error = outcome.error();
    const bool again = is_collision(error) || is_stale_statement(error) ||
                       (error.lost && error.error.code == core::ErrorCode::unavailable && repeat == Repeat::losses_too);
    if (!again || attempt == most_attempts) co_return tl::unexpected(error.error);
    if (is_collision(error)) co_await step_aside(attempt);
  }
}

core::Task<core::Result<std::vector<Rows>>> PostgresDatabase::run_shared(std::vector<Statement> statements) {
  auto outcome = co_await batcher_.run(statements);
  if (!outcome) co_return co_await run_all(std::move(statements));
  if (*outcome) co_return std::move(**outcome);
  const auto& error = outcome->error();
  if (is_collision(error) || is_stale_statement(error) || is_undone(error))
    co_return co_await run_all(std::move(statements));
  co_return tl::unexpected(error.error);
}

core::Task<core::Result<std::vector<Rows>>> PostgresDatabase::run_all(std::vector<Statement> statements) {
  for (int attempt = 1;; ++attempt) {
    auto taken = co_await pool_.take();
    if (!taken) co_return tl::unexpected(taken.error().error);
    PostgresResult<std::vector<Rows>> outcome;
    {
      const PostgresBorrowed connection(pool_, std::move(*taken));
      outcome = co_await this->attempt(*connection, statements);
    }
    if (outcome) co_return std::move(*outcome);
    const auto& error = outcome.error();
    const bool again = is_collision(error) || is_stale_statement(error) || is_undone(error);
    if (!again || attempt == most_attempts) co_return tl::unexpected(error.error);
    if (is_collision(error)) co_await step_aside(attempt);
  }
}

core::Task<PostgresResult<std::vector<Rows>>> PostgresDatabase::attempt(PostgresConnection& connection,
                                                                        const std::vector<Statement>& statements) {
  const auto until = deadline();
  // Without conditions on what comes back the pipeline is a transaction by itself, in one round trip.
  if (std::all_of(statements.begin(), statements.end(), [](const auto& one) { return one.at_least_rows == 0; })) {
    std::vector<const Statement*> all(statements.size());
    std::transform(statements.begin(), statements.end(), all.begin(), [](const auto& one) { return &one; });
    co_return co_await connection.commit(all, until);
  }
  std::vector<const Statement*> sent{&plain("BEGIN")};
  for (const auto& statement : statements) sent.push_back(&statement);
  auto rows = co_await connection.run(sent, until);
  std::optional<PostgresError> problem;
  if (!rows) {
    problem = rows.error();
  } else {
    rows->erase(rows->begin());  // BEGIN's
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if ((*rows)[i].size() >= statements[i].at_least_rows) continue;
      problem = PostgresError{
          {core::ErrorCode::conflict, "the record changed meanwhile or does not exist", too_few_rows}, "", false};
      break;
    }
  }
  if (problem) {
    // Without this the connection would be closed, as every one that comes back inside a transaction is.
    if (!problem->lost) {
      const std::vector<const Statement*> undo{&plain("ROLLBACK")};
      (void)co_await connection.run(undo, until);
    }
    co_return tl::unexpected(std::move(*problem));
  }
  const std::vector<const Statement*> commit{&plain("COMMIT")};
  const auto committed = co_await connection.run(commit, until);
  if (!committed) {
    auto error = committed.error();
    if (error.lost) error.in_doubt = true;  // done or not: nobody can say
    co_return tl::unexpected(std::move(error));
  }
  co_return rows;
}

core::Task<core::Result<bool>> PostgresDatabase::run_script(Script script) {
  auto taken = co_await pool_.take();
  if (!taken) co_return tl::unexpected(taken.error().error);
  const PostgresBorrowed connection(pool_, std::move(*taken));
  auto ran = co_await attempt_script(*connection, script);
  // On failure the transaction is left open: the connection is closed for it, and the server undoes everything.
  if (!ran) co_return tl::unexpected(ran.error().error);
  co_return *ran;
}

core::Task<PostgresResult<bool>> PostgresDatabase::attempt_script(PostgresConnection& connection,
                                                                  const Script& script) {
  const auto until = std::chrono::steady_clock::now() + script_time;
  const auto one = [&](const Statement& statement) { return run_alone(connection, statement, until); };
  const Statement lock{"SELECT pg_advisory_xact_lock($1)", {script_lock}};
  for (const auto* statement : {&plain("BEGIN"), &plain("SET LOCAL statement_timeout = 0"),
                                &plain("SET LOCAL idle_in_transaction_session_timeout = 0"), &lock}) {
    const auto done = co_await one(*statement);
    if (!done) co_return tl::unexpected(done.error());
  }
  if (!script.unless.sql.empty()) {
    const auto rows = co_await one(script.unless);
    if (!rows) co_return tl::unexpected(rows.error());
    if (!rows->front().empty()) {
      (void)co_await one(plain("ROLLBACK"));
      co_return false;
    }
  }
  const auto done = co_await connection.script(script.sql, until);
  if (!done) co_return tl::unexpected(done.error());
  if (!script.record.sql.empty()) {
    const auto recorded = co_await one(script.record);
    if (!recorded) co_return tl::unexpected(recorded.error());
  }
  const auto committed = co_await one(plain("COMMIT"));
  if (!committed) co_return tl::unexpected(committed.error());
  co_return true;
}

}  // namespace retell::storage
