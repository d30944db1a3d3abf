// What a postgres:// address says, ready for libpq. Pure, but for the check of libpq's own parser.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace retell::storage {

// libpq's keywords and values: host, port, user, password, dbname, sslmode, sslrootcert, …
using PostgresParameters = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] bool is_postgres_url(const std::string& url);  // postgres:// or postgresql://

// invalid for what libpq does not understand; the message never repeats the address, which holds the password.
[[nodiscard]] core::Result<PostgresParameters> parse_postgres_url(const std::string& url);

// "" when there is none of that name.
[[nodiscard]] std::string parameter(const PostgresParameters& parameters, const std::string& keyword);

// "host:port/database", for logs.
[[nodiscard]] std::string postgres_place(const PostgresParameters& parameters);

}  // namespace retell::storage
