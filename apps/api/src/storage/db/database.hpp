// SQL behind one interface. The same text serves SQLite and PostgreSQL: parameters are $1, $2, …; upserts are
// ON CONFLICT … RETURNING; times are epoch milliseconds in BIGINT; JSON is TEXT.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::storage {

class Cache;

using Cell = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

// A parameter: nothing, a whole number, a number or a text.
class Param {
 public:
  Param(std::nullptr_t) {}                                      // NOLINT(google-explicit-constructor)
  Param(bool value) : cell_(std::int64_t{value ? 1 : 0}) {}     // NOLINT(google-explicit-constructor)
  Param(std::int32_t value) : cell_(std::int64_t{value}) {}     // NOLINT(google-explicit-constructor)
  Param(std::int64_t value) : cell_(value) {}                   // NOLINT(google-explicit-constructor)
  Param(double value) : cell_(value) {}                         // NOLINT(google-explicit-constructor)
  Param(std::string value) : cell_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Param(std::string_view value) : cell_(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Param(const char* value) : cell_(std::string(value)) {}       // NOLINT(google-explicit-constructor)
  template <class T>
  Param(const std::optional<T>& value) : cell_(value ? Param(*value).cell_ : Cell{}) {}  // NOLINT
  [[nodiscard]] const Cell& cell() const { return cell_; }

 private:
  Cell cell_;
};

class Row {
 public:
  explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}
  [[nodiscard]] std::size_t size() const { return cells_.size(); }  // columns
  [[nodiscard]] bool is_null(std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::size_t column) const;  // 0 when null
  [[nodiscard]] std::string text(std::size_t column) const;      // "" when null
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(std::size_t column) const;
  [[nodiscard]] std::optional<std::string> maybe_text(std::size_t column) const;

 private:
  std::vector<Cell> cells_;
};
using Rows = std::vector<Row>;

struct Statement {
  std::string sql;
  std::vector<Param> params = {};
  // In a transaction: fewer rows than this returned (use RETURNING) undo the whole of it with `conflict`.
  std::size_t at_least_rows = 0;
  // Short, and touches no row that another caller's write may touch: may be committed together with such. Of a
  // transaction, all its statements.
  bool shares = false;
  // Groups of the cache (storage/cache) that it changes; see CachedDatabase.
  std::vector<std::string> invalidates = {};
  // For the audit log (AuditedDatabase): the id of what it makes; and that it is not what the request is about, such as
  // the count of somebody's tries to sign in.
  std::string makes = {};
  bool aside = false;
};

// The `field` of the conflict that at_least_rows makes.
inline constexpr auto too_few_rows = "rows";

// Where the two must differ (row locks of the job queue), stores ask which one they talk to.
enum class Dialect : std::uint8_t { sqlite, postgres };

// A migration or the like.
struct Script {
  std::string sql;        // several statements, no parameters
  Statement unless = {};  // when this gives rows, nothing is run; empty: always run
  Statement record = {};  // run at the end; empty: none
};

// Errors: conflict (a constraint or at_least_rows), unavailable (busy or unreachable; a retry may help, and a write may
// have been done all the same), timeout, invalid (a text that the database cannot hold), io.
// Any thread may call; the caller resumes on its own executor. A caller that is cancelled still waits for its statement
// to end, which the database's own time-outs bound: no connection is left in the middle of something.
class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual Dialect dialect() const = 0;
  // What its writes keep up to date; null when there is none.
  [[nodiscard]] virtual Cache* cache() { return nullptr; }
  [[nodiscard]] virtual core::Task<core::Result<Rows>> query(Statement statement) = 0;    // reads only
  [[nodiscard]] virtual core::Task<core::Result<Rows>> execute(Statement statement) = 0;  // one write, atomic
  // All or nothing, in order; gives each statement's rows.
  [[nodiscard]] virtual core::Task<core::Result<std::vector<Rows>>> transaction(std::vector<Statement> statements) = 0;
  // All or nothing, and never two at once, not even of two processes. False when `unless` kept it from running.
  [[nodiscard]] virtual core::Task<core::Result<bool>> script(Script script) = 0;
};

}  // namespace retell::storage
