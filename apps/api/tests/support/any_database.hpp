// Tests that hold for every database: each runs once on SQLite and once on a real PostgreSQL.
//   class Things : public test::AnyDatabase { … };  TEST_P(Things, hold) { … }  RETELL_ON_EVERY_DATABASE(Things);
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "storage/db/open.hpp"
#include "support/postgres_server.hpp"
#include "support/run.hpp"

namespace retell::test {

// A fresh, empty database; `folder` holds it when it is SQLite.
inline std::string fresh_database(storage::Dialect dialect, const TemporaryFolder& folder) {
  if (dialect == storage::Dialect::postgres) return PostgresServer::shared().make_database();
  return "sqlite:" + (folder.path() / "deep" / "test.db").string();
}

class AnyDatabase : public ::testing::TestWithParam<storage::Dialect> {
 protected:
  AnyDatabase() : url_(fresh_database(GetParam(), folder_)), database_(storage::open_database(url_).value()) {}
  core::Result<storage::Rows> execute(std::string sql, std::vector<storage::Param> params = {}) {
    return run(database_->execute({std::move(sql), std::move(params)}));
  }
  core::Result<storage::Rows> query(std::string sql, std::vector<storage::Param> params = {}) {
    return run(database_->query({std::move(sql), std::move(params)}));
  }

  TemporaryFolder folder_;
  std::string url_;
  std::unique_ptr<storage::Database> database_;
};

}  // namespace retell::test

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GoogleTest's own macro takes a list of literals
#define RETELL_ON_EVERY_DATABASE(suite)                                                                       \
  INSTANTIATE_TEST_SUITE_P(                                                                                   \
      On, suite, ::testing::Values(::retell::storage::Dialect::sqlite, ::retell::storage::Dialect::postgres), \
      [](const auto& info) { return info.param == ::retell::storage::Dialect::sqlite ? "SQLite" : "PostgreSQL"; })
