#include "app/home.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

#include "support/run.hpp"

namespace retell::app {
namespace {

class Home : public ::testing::Test {
 protected:
  Home() { config.data_dir = (folder.path() / "new" / "data").string(); }
  [[nodiscard]] std::string refusal() const {
    const auto home = open_home(config);
    EXPECT_FALSE(home.has_value());
    return home ? "" : home.error().message;
  }
  test::TemporaryFolder folder;
  config::Config config;
};

TEST_F(Home, is_made_once_and_found_again) {
  const auto first = open_home(config);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_FALSE(first->applied.empty());
  EXPECT_EQ(first->secret.size(), 64U);
  const auto second = open_home(config);
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_TRUE(second->applied.empty());
  EXPECT_EQ(second->secret, first->secret);
}

TEST_F(Home, is_for_its_owner_alone_when_the_server_makes_it) {
  namespace fs = std::filesystem;
  config.data_dir += "/";
  ASSERT_TRUE(open_home(config).has_value());
  EXPECT_EQ(fs::status(config.data_dir).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(config.data_dir + "retell.db").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  fs::permissions(config.data_dir, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec);
  ASSERT_TRUE(open_home(config).has_value());
  EXPECT_EQ(fs::status(config.data_dir).permissions(),
            fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec);
}

TEST_F(Home, says_what_to_do_about_a_folder_that_cannot_be_made) {
  std::ofstream(folder.path() / "new") << "a file, where the folder should be";
  EXPECT_NE(refusal().find("--data-dir"), std::string::npos);
}

TEST_F(Home, says_what_to_do_about_a_file_that_is_no_database) {
  std::filesystem::create_directories(config.data_dir);
  std::ofstream(config.data_dir + "/retell.db") << std::string(10'000, 'x');
  const auto message = refusal();
  EXPECT_NE(message.find("retell.db"), std::string::npos) << message;
  EXPECT_NE(message.find("backup"), std::string::npos) << message;
}

TEST(Port, that_is_free_or_taken) {
  const auto any = probe_port("127.0.0.1", 0);
  ASSERT_TRUE(any.has_value()) << any.error().message;
  EXPECT_GT(*any, 0);
  EXPECT_TRUE(probe_port("localhost", *any).has_value());
  boost::asio::io_context loop;
  const boost::asio::ip::tcp::acceptor listening(loop, {boost::asio::ip::make_address("127.0.0.1"), *any});
  const auto taken = probe_port("127.0.0.1", *any);
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().field, "server.port");
  EXPECT_NE(taken.error().message.find("--port"), std::string::npos);
  EXPECT_FALSE(probe_port("voice.example.com", 0).has_value());
}

}  // namespace
}  // namespace retell::app
