#include "storage/db/postgres_address.hpp"

#include <algorithm>
#include <libpq-fe.h>
#include <memory>

namespace retell::storage {

bool is_postgres_url(const std::string& url) {
  return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

core::Result<PostgresParameters> parse_postgres_url(const std::string& url) {
  const auto refuse = [] {
    return core::fail(core::ErrorCode::invalid,
                      "expected postgres://user:password@host:port/database, with reserved characters of user and "
                      "password percent-encoded and only libpq's parameters after the question mark",
                      "database.url");
  };
  if (!is_postgres_url(url)) return refuse();
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), &message),
                                                                             &PQconninfoFree);
  PQfreemem(message);  // it quotes the address
  if (!options) return refuse();
  PostgresParameters parameters;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters.emplace_back(option->keyword, option->val);
  }
  return parameters;
}

std::string parameter(const PostgresParameters& parameters, const std::string& keyword) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const auto& one) { return one.first == keyword; });
  return found == parameters.end() ? "" : found->second;
}

std::string postgres_place(const PostgresParameters& parameters) {
  const auto host = parameter(parameters, "host");
  const auto port = parameter(parameters, "port");
  return (host.empty() ? "localhost" : host) + ":" + (port.empty() ? "5432" : port) + "/" +
         parameter(parameters, "dbname");
}

}  // namespace retell::storage
