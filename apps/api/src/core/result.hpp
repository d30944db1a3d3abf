// Expected failures are values. Exceptions are for bugs, cancellation and exhausted memory only.
#pragma once
#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace retell::core {

// What kind of failure it is; api/ maps each to one HTTP status, engine/ to one end reason.
enum class ErrorCode : std::uint8_t {
  invalid,        // the caller's input has the wrong shape (400)
  unauthorized,   // no or wrong credentials (401)
  forbidden,      // known caller, not allowed (403)
  not_found,      // 404
  conflict,       // 409; the Retell SDK retries this code, so only for what a retry can mend
  precondition,   // 412
  too_large,      // 413
  unprocessable,  // right shape, but it names something that does not exist or cannot be done (422)
  rate_limited,   // 429
  unavailable,    // a peer, disk or queue cannot serve now; a retry may help (503)
  timeout,        // a deadline passed
  cancelled,      // the one who asked no longer wants it
  protocol,       // a peer broke its own protocol
  io,             // a read or write failed
  internal,       // a bug of ours (500)
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;                       // for people; says what was expected. Never holds a secret.
  std::string field = {};                    // path of the input at fault ("response_engine.llm_id"), empty when none
  std::chrono::milliseconds retry_after{0};  // of rate_limited and unavailable: when to ask again; 0: unknown
};

template <class T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string field = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(field)});
}

[[nodiscard]] constexpr const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::unauthorized:
      return "unauthorized";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::precondition:
      return "precondition";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::unprocessable:
      return "unprocessable";
    case ErrorCode::rate_limited:
      return "rate_limited";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::protocol:
      return "protocol";
    case ErrorCode::io:
      return "io";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace retell::core
