// What went wrong with PostgreSQL, and whether doing it again can help.
#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::storage {

struct PostgresError {
  core::Error error;
  std::string state = {};  // SQLSTATE; empty when it is not the server that complains
  bool lost = false;       // the connection is gone, or nobody knows what it is doing
  bool in_doubt = false;   // a write may have been done all the same
};

template <class T = void>
using PostgresResult = tl::expected<T, PostgresError>;

// Of a text that no column can hold.
inline constexpr std::string_view unfit_text = "a text must be UTF-8 without the character U+0000";

// The server's complaint as an error of ours. Values of the statement are left out of the message.
[[nodiscard]] PostgresError from_sqlstate(std::string_view state, std::string_view primary_message);

// Concurrent transactions got in each other's way; the server undid this one, so it can simply be run again.
[[nodiscard]] bool is_collision(const PostgresError& error);

// The connection was lost before anything was done for good: it can be run again on another.
[[nodiscard]] bool is_undone(const PostgresError& error);

// The server forgot the prepared statement, or the tables behind it changed; nothing was done.
[[nodiscard]] bool is_stale_statement(const PostgresError& error);

// No other attempt will connect either: wrong password, no such database, certificate refused.
[[nodiscard]] bool is_hopeless(const PostgresError& error);

}  // namespace retell::storage
