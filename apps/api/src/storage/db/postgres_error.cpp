#include "storage/db/postgres_error.hpp"

namespace retell::storage {

using core::ErrorCode;

PostgresError from_sqlstate(std::string_view state, std::string_view primary_message) {
  // Appendix A of PostgreSQL's manual; the first two characters are the class.
  const auto group = state.substr(0, 2);
  auto code = ErrorCode::io;
  bool lost = false;
  std::string message(primary_message);
  if (group == "23") {  // a constraint: unique, foreign key, not null, check
    code = ErrorCode::conflict;
  } else if (group == "40" || state == "55P03") {  // serialisation failure, deadlock; a lock not had in time
    code = ErrorCode::unavailable;
  } else if (state == "57014") {  // statement_timeout
    code = ErrorCode::timeout;
  } else if (group == "08" || group == "53" || state == "57P01" || state == "57P02" || state == "57P03" ||
             state == "57P04" || state == "57P05" || state == "25006") {
    // Connection trouble, no room, shutting down or starting up: this connection has no future. Nor has one to a
    // primary that became a replica (25006): connecting anew finds the primary.
    code = ErrorCode::unavailable;
    lost = true;
  } else if (state == "22021" || state == "22P05") {
    return {{ErrorCode::invalid, std::string(unfit_text)}, std::string(state), false};
  } else if (group == "22") {
    message = "a value does not fit its column";  // the server's message quotes it
  }
  return {{code, "database: " + message + " (" + std::string(state) + ")"}, std::string(state), lost};
}

bool is_collision(const PostgresError& error) { return error.state == "40001" || error.state == "40P01"; }

bool is_undone(const PostgresError& error) {
  return error.lost && !error.in_doubt && error.error.code == core::ErrorCode::unavailable;
}

bool is_stale_statement(const PostgresError& error) { return error.state == "26000" || error.state == "0A000"; }

bool is_hopeless(const PostgresError& error) {
  return error.state.starts_with("28") || error.state == "3D000" || error.error.code == ErrorCode::invalid ||
         error.error.code == ErrorCode::precondition;
}

}  // namespace retell::storage
