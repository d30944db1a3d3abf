#include "app/commands/migrate.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "app/home.hpp"
#include "support/run.hpp"

namespace retell::app {
namespace {

class MigrateStatus : public ::testing::Test {
 protected:
  MigrateStatus() { config.data_dir = (folder.path() / "data").string(); }
  // The exit status and what is printed.
  [[nodiscard]] std::pair<int, std::string> ask() const {
    ::testing::internal::CaptureStdout();
    const int status = migrate_status(config);
    return {status, ::testing::internal::GetCapturedStdout()};
  }
  test::TemporaryFolder folder;
  config::Config config;
};

TEST_F(MigrateStatus, says_that_there_is_no_database_and_makes_none) {
  const auto [status, text] = ask();
  EXPECT_EQ(status, 3);
  EXPECT_NE(text.find("there is no database yet: " + config.data_dir + "/retell.db"), std::string::npos) << text;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(MigrateStatus, lists_what_has_run_once_there_is_one) {
  ASSERT_TRUE(open_home(config));
  const auto [status, text] = ask();
  EXPECT_EQ(status, 0);
  EXPECT_NE(text.find("0001_init"), std::string::npos) << text;
  EXPECT_EQ(text.find("to come"), std::string::npos) << text;
}

}  // namespace
}  // namespace retell::app
