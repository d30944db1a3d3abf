#include "storage/db/postgres_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <libpq-fe.h>
#include <poll.h>

#include "storage/db/postgres_values.hpp"

namespace retell::storage {

namespace asio = core::asio;
using core::ErrorCode;

namespace {

constexpr int oldest_server = 150'000;  // PostgreSQL 15, the oldest that the tests run against
// The program has about a hundred texts; more are sent without being prepared, so that neither side grows.
constexpr std::size_t most_statements = 256;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, Clear>;

PostgresError complaint(const PGresult* result) {
  const auto* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const auto* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return from_sqlstate(state == nullptr ? "" : state, message == nullptr ? "unknown error" : message);
}

// libpq has no SQLSTATE for a refused connection, only words.
PostgresError refusal(PGconn* connection) {
  std::string text = PQerrorMessage(connection);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  PostgresError error{{ErrorCode::unavailable, "database: " + text}, "", true};
  // "28P01" and its kind are what no retry mends. The words come from libpq and the server in the server's language;
  // where they are not English, the attempt is merely repeated until its time is up.
  const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
  if (says("authentication failed") || says("no password supplied") || says("no pg_hba.conf entry") ||
      (says("FATAL:  role \"") && says("does not exist")) || says("certificate verify failed") ||
      says("root certificate file") || says("does not support SSL")) {
    error.state = "28000";
  } else if (says("FATAL:  database \"") && says("does not exist")) {
    error.state = "3D000";
  }
  return error;
}

}  // namespace

// What was sent in a pipeline, in order: each entry gets exactly one result.
struct PostgresConnection::Exchange {
  struct Sent {
    bool prepare = false;
    std::string sql = {};   // of a prepare
    std::string name = {};  // of a prepare
  };
  std::vector<Sent> sent;
  std::unordered_map<std::string, std::string> preparing;
};

void PostgresConnection::Finish::operator()(PGconn* connection) const { PQfinish(connection); }

PostgresConnection::PostgresConnection(asio::io_context& loop, core::TimePoint deadline)
    : loop_(loop), deadline_(deadline) {}

PostgresConnection::~PostgresConnection() {
  if (socket_) socket_->release();
}

void PostgresConnection::adopt_socket() {
  const int descriptor = PQsocket(connection_.get());
  if (socket_) {
    if (socket_->native_handle() == descriptor) return;
    socket_->release();
    socket_.reset();
  }
  if (descriptor >= 0) socket_.emplace(loop_.get_executor(), descriptor);
}

PostgresError PostgresConnection::gone(const std::string& doing) {
  broken_ = true;
  if (timed_out_) return {{ErrorCode::timeout, "database: " + doing + " took too long"}, "", true};
  std::string text = connection_ ? PQerrorMessage(connection_.get()) : "";
  text = text.substr(0, text.find('\n'));
  if (text.empty()) text = "the connection was closed";
  return {{ErrorCode::unavailable, "database: " + doing + ": " + text}, "", true};
}

core::Task<bool> PostgresConnection::wait(Descriptor::wait_type what) {
  if (!socket_ || timed_out_) co_return false;
  const auto [error] = co_await socket_->async_wait(what, asio::as_tuple(asio::use_awaitable));
  co_return !error && !timed_out_;
}

void PostgresConnection::expire(core::TimePoint now) {
  if (!busy_ || timed_out_ || now < deadline_) return;
  timed_out_ = true;
  if (socket_) socket_->cancel();
}

bool PostgresConnection::in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }

bool PostgresConnection::usable() {
  if (broken_ || busy_ || !connection_ || in_transaction()) return false;
  // An idle connection that has something to read was told that the server goes away, or lost it.
  pollfd descriptor{PQsocket(connection_.get()), POLLIN, 0};
  if (::poll(&descriptor, 1, 0) == 0) return true;
  return PQconsumeInput(connection_.get()) == 1 && PQstatus(connection_.get()) == CONNECTION_OK &&
         ::poll(&descriptor, 1, 0) == 0;
}

core::Task<PostgresResult<>> PostgresConnection::resolve(PostgresParameters& parameters) {
  const auto host = parameter(parameters, "host");
  // libpq looks up names itself, which blocks; several hosts and service files are left to it all the same.
  if (host.empty() || host.starts_with('/') || host.find(',') != std::string::npos ||
      !parameter(parameters, "hostaddr").empty()) {
    co_return PostgresResult<>{};
  }
  asio::ip::tcp::resolver resolver(loop_);
  const auto [error, found] = co_await resolver.async_resolve(host, "0", asio::as_tuple(asio::use_awaitable));
  if (error) {
    co_return tl::unexpected(
        PostgresError{{ErrorCode::unavailable, "database: " + host + ": " + error.message()}, "", true});
  }
  std::string hosts;
  std::string addresses;
  for (const auto& entry : found) {
    hosts += (hosts.empty() ? "" : ",") + host;
    addresses += (addresses.empty() ? "" : ",") + entry.endpoint().address().to_string();
  }
  std::erase_if(parameters, [](const auto& one) { return one.first == "host"; });
  parameters.emplace_back("host", hosts);  // certificates are checked against it
  parameters.emplace_back("hostaddr", addresses);
  co_return PostgresResult<>{};
}

core::Task<PostgresResult<>> PostgresConnection::connect(PostgresParameters parameters,
                                                         std::chrono::milliseconds statement_timeout) {
  if (auto resolved = co_await resolve(parameters); !resolved) co_return resolved;
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto add = [&](const char* keyword, const char* value) {
    keywords.push_back(keyword);
    values.push_back(value);
  };
  // Ours first: the address may say otherwise. Keepalives notice a machine that vanished.
  add("application_name", "retell");
  add("client_encoding", "UTF8");
  add("keepalives_idle", "30");
  add("keepalives_interval", "10");
  add("keepalives_count", "3");
  for (const auto& [keyword, value] : parameters) {
    if (keyword != "client_encoding") add(keyword.c_str(), value.c_str());
  }
  add(nullptr, nullptr);
  connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  if (!connection_) throw std::bad_alloc();
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK; state = PQconnectPoll(connection_.get())) {
    if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) {
      broken_ = true;
      co_return tl::unexpected(refusal(connection_.get()));
    }
    adopt_socket();  // it changes from one address, or from plain to TLS, to the next
    const auto what = state == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write;
    const bool ready = co_await wait(what);
    // libpq may close the socket in its poll: the wait must not keep it registered.
    if (socket_) socket_->release();
    socket_.reset();
    if (!ready) co_return tl::unexpected(gone("connecting"));
  }
  adopt_socket();
  if (PQserverVersion(connection_.get()) < oldest_server) {
    broken_ = true;
    co_return tl::unexpected(
        PostgresError{{ErrorCode::precondition, "database: PostgreSQL 15 or newer is needed"}, "", true});
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0) co_return tl::unexpected(gone("connecting"));
  // A statement that outlives its caller is ended by the server, and so is a transaction that nobody goes on with.
  // Plans of prepared statements stay: made while a table was small they would read all of it for one row, and go on so
  // until the server has looked at how it has grown. There is an index for whatever we ask often.
  // The compiler is for statements that take seconds; it would take the price of a table without an index for one.
  const auto settings = fmt::format(
      "SET statement_timeout = {0}; SET idle_in_transaction_session_timeout = {0}; SET enable_seqscan = off; "
      "SET jit = off",
      statement_timeout.count());
  co_return co_await script(settings, deadline_);
}

core::Task<PostgresResult<>> PostgresConnection::flush() {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) co_return PostgresResult<>{};
    if (left < 0 || timed_out_) co_return tl::unexpected(gone("sending"));
    // A server that is busy answering may not read on before we have read.
    (void)co_await asio::experimental::make_parallel_group(socket_->async_wait(Descriptor::wait_write, asio::deferred),
                                                           socket_->async_wait(Descriptor::wait_read, asio::deferred))
        .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (PQconsumeInput(connection_.get()) != 1) co_return tl::unexpected(gone("sending"));
  }
}

core::Task<PostgresResult<pg_result*>> PostgresConnection::next_result() {
  while (PQisBusy(connection_.get()) == 1) {
    if (!co_await wait(Descriptor::wait_read)) co_return tl::unexpected(gone("waiting for an answer"));
    if (PQconsumeInput(connection_.get()) != 1) co_return tl::unexpected(gone("waiting for an answer"));
  }
  co_return PQgetResult(connection_.get());
}

PostgresResult<> PostgresConnection::send(const Statement& statement, Exchange& exchange) {
  const PostgresTexts texts(statement.params);
  if (!texts.valid()) {
    return tl::unexpected(PostgresError{{ErrorCode::invalid, std::string(unfit_text)}, "", false});
  }
  const auto count = static_cast<int>(statement.params.size());
  auto known = statements_.find(statement.sql);
  std::string name;
  if (known != statements_.end()) {
    name = known->second;
  } else if (const auto coming = exchange.preparing.find(statement.sql); coming != exchange.preparing.end()) {
    name = coming->second;
  } else if (statements_.size() + exchange.preparing.size() < most_statements) {
    name = "s" + std::to_string(++named_);
    if (PQsendPrepare(connection_.get(), name.c_str(), statement.sql.c_str(), 0, nullptr) != 1) {
      return tl::unexpected(gone("preparing"));
    }
    exchange.preparing.emplace(statement.sql, name);
    exchange.sent.push_back({true, statement.sql, name});
  }
  const int sent = name.empty() ? PQsendQueryParams(connection_.get(), statement.sql.c_str(), count, nullptr,
                                                    texts.values(), texts.lengths(), nullptr, 0)
                                : PQsendQueryPrepared(connection_.get(), name.c_str(), count, texts.values(),
                                                      texts.lengths(), nullptr, 0);
  if (sent != 1) return tl::unexpected(gone("sending"));
  exchange.sent.push_back({});
  return {};
}

core::Task<PostgresResult<std::vector<Rows>>> PostgresConnection::run(const std::vector<const Statement*>& statements,
                                                                      core::TimePoint deadline) {
  deadline_ = deadline;
  busy_ = true;  // and stays so when this is left by an exception: then nobody knows where the pipeline stands
  Exchange exchange;
  std::optional<PostgresError> problem;
  for (const auto* statement : statements) {
    if (auto sent = send(*statement, exchange); !sent) {
      problem = sent.error();
      break;
    }
  }
  if (problem && (problem->lost || exchange.sent.empty())) {
    busy_ = false;
    co_return tl::unexpected(std::move(*problem));
  }
  if (problem) {
    // Half a pipeline must not be carried out.
    broken_ = true;
    co_return tl::unexpected(std::move(*problem));
  }
  if (PQpipelineSync(connection_.get()) != 1) co_return tl::unexpected(gone("sending"));
  if (auto flushed = co_await flush(); !flushed) co_return tl::unexpected(flushed.error());

  std::vector<Rows> all;
  std::size_t at = 0;
  bool ended = false;  // libpq gives nothing between two commands, once
  for (;;) {
    const auto next = co_await next_result();
    if (!next) co_return tl::unexpected(problem.value_or(next.error()));
    const ResultHandle result(*next);
    if (!result) {
      if (ended) co_return tl::unexpected(problem.value_or(gone("waiting for an answer")));
      ended = true;
      continue;
    }
    ended = false;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      if (at >= exchange.sent.size()) co_return tl::unexpected(gone("an answer too many"));
      const auto& sent = exchange.sent[at++];
      if (sent.prepare)
        statements_.emplace(sent.sql, sent.name);
      else
        all.push_back(to_rows(result.get()));
    } else if (status == PGRES_PIPELINE_ABORTED) {
      ++at;
    } else if (status == PGRES_FATAL_ERROR) {
      if (at < exchange.sent.size()) ++at;
      if (!problem) problem = complaint(result.get());
      if (problem->lost || PQstatus(connection_.get()) != CONNECTION_OK) {
        const auto lost = gone("waiting for an answer");
        if (problem->state.empty()) problem = lost;
        problem->lost = true;
        co_return tl::unexpected(std::move(*problem));
      }
    } else {
      co_return tl::unexpected(gone("an answer of an unknown kind"));
    }
  }
  busy_ = false;
  if (problem) {
    if (is_stale_statement(*problem)) broken_ = true;  // a fresh connection prepares anew
    co_return tl::unexpected(std::move(*problem));
  }
  co_return all;
}

core::Task<PostgresResult<std::vector<Rows>>> PostgresConnection::commit(
    const std::vector<const Statement*>& statements, core::TimePoint deadline) {
  auto rows = co_await run(statements, deadline);
  // Unless the server itself has said why it is not: done or not, nobody can say.
  if (!rows && rows.error().lost && rows.error().state.empty()) rows.error().in_doubt = true;
  co_return rows;
}

core::Task<PostgresResult<>> PostgresConnection::script(const std::string& sql, core::TimePoint deadline) {
  deadline_ = deadline;
  busy_ = true;
  // Several statements in one text are for the simple protocol only, which a pipeline excludes.
  if (PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF && PQexitPipelineMode(connection_.get()) != 1) {
    co_return tl::unexpected(gone("leaving the pipeline"));
  }
  if (PQsendQuery(connection_.get(), sql.c_str()) != 1) co_return tl::unexpected(gone("sending"));
  if (auto flushed = co_await flush(); !flushed) co_return flushed;
  std::optional<PostgresError> problem;
  for (;;) {
    const auto next = co_await next_result();
    if (!next) co_return tl::unexpected(problem.value_or(next.error()));
    const ResultHandle result(*next);
    if (!result) break;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) continue;
    if (status != PGRES_FATAL_ERROR) co_return tl::unexpected(gone("an answer of an unknown kind"));
    if (!problem) problem = complaint(result.get());
    if (PQstatus(connection_.get()) != CONNECTION_OK) co_return tl::unexpected(gone("waiting for an answer"));
  }
  if (PQenterPipelineMode(connection_.get()) != 1) co_return tl::unexpected(gone("entering the pipeline"));
  busy_ = false;
  if (problem) co_return tl::unexpected(std::move(*problem));
  co_return PostgresResult<>{};
}

}  // namespace retell::storage
