// One connection to PostgreSQL, driven by libpq's asynchronous calls. Lives on one thread; one operation at a time.
// Statements travel in pipelines: all of a transaction's statements leave at once, prepared where they are not yet.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "storage/db/database.hpp"
#include "storage/db/postgres_address.hpp"
#include "storage/db/postgres_error.hpp"

struct pg_conn;
struct pg_result;

namespace retell::storage {

class PostgresConnection {
 public:
  // Nothing is done yet; expire() counts from here.
  PostgresConnection(core::asio::io_context& loop, core::TimePoint deadline);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Names are resolved off this thread. The server itself gives up statements after `statement_timeout`.
  [[nodiscard]] core::Task<PostgresResult<>> connect(PostgresParameters parameters,
                                                     std::chrono::milliseconds statement_timeout);

  // Runs the statements in order and gives each one's rows. The first error ends the pipeline; without a transaction
  // around them, statements of one pipeline are undone together.
  [[nodiscard]] core::Task<PostgresResult<std::vector<Rows>>> run(const std::vector<const Statement*>& statements,
                                                                  core::TimePoint deadline);
  // The same for a pipeline that is a transaction by itself: an error says whether it may have been done all the same.
  [[nodiscard]] core::Task<PostgresResult<std::vector<Rows>>> commit(const std::vector<const Statement*>& statements,
                                                                     core::TimePoint deadline);
  // Several statements without parameters; rows are dropped.
  [[nodiscard]] core::Task<PostgresResult<>> script(const std::string& sql, core::TimePoint deadline);

  // Called from time to time: ends an operation whose deadline has passed, after which the connection is of no use.
  void expire(core::TimePoint now);
  // Whether it may serve again: between operations, outside any transaction, and the server has not hung up.
  [[nodiscard]] bool usable();
  [[nodiscard]] bool in_transaction() const;

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  struct Exchange;  // a pipeline under way
  using Descriptor = core::asio::posix::basic_stream_descriptor<core::asio::io_context::executor_type>;

  void adopt_socket();
  [[nodiscard]] PostgresError gone(const std::string& doing);  // after it the connection is not usable
  [[nodiscard]] core::Task<bool> wait(Descriptor::wait_type what);
  [[nodiscard]] core::Task<PostgresResult<>> flush();
  [[nodiscard]] core::Task<PostgresResult<pg_result*>> next_result();
  [[nodiscard]] PostgresResult<> send(const Statement& statement, Exchange& exchange);
  [[nodiscard]] core::Task<PostgresResult<>> resolve(PostgresParameters& parameters);

  core::asio::io_context& loop_;
  core::TimePoint deadline_;
  bool busy_ = true;
  bool broken_ = false;
  bool timed_out_ = false;
  std::unique_ptr<pg_conn, Finish> connection_;
  std::optional<Descriptor> socket_;                         // libpq's; never closed here
  std::unordered_map<std::string, std::string> statements_;  // text to the name it is prepared under
  std::uint64_t named_ = 0;
};

}  // namespace retell::storage
