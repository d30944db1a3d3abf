// What the commands print, and the status they end with.
#include <gtest/gtest.h>

#include <fstream>

#include "app/commands/common.hpp"
#include "app/commands/keys.hpp"
#include "app/home.hpp"
#include "support/run.hpp"

namespace retell::app {
namespace {

// What `command` prints to standard error.
template <class F>
std::string complaint(F command) {
  ::testing::internal::CaptureStderr();
  command();
  return ::testing::internal::GetCapturedStderr();
}

TEST(Commands, name_a_field_once) {
  const auto told = [](core::Error error) { return complaint([&] { EXPECT_EQ(tell(error), 1); }); };
  EXPECT_EQ(told({core::ErrorCode::invalid, "email: expected an e-mail address", "email"}),
            "retell: email: expected an e-mail address\n");
  EXPECT_EQ(told({core::ErrorCode::invalid, "expected a file", "--voice"}), "retell: --voice: expected a file\n");
  EXPECT_EQ(told({core::ErrorCode::io, "the disk is full"}), "retell: the disk is full\n");
}

TEST(Commands, tell_a_wrong_command_line_from_a_wrong_configuration) {
  const test::TemporaryFolder folder;
  const auto file = (folder.path() / "retell.toml").string();
  std::ofstream(file) << "server.port = \"abc\"\n";
  int status = 0;
  const auto load = [&](const std::string& config_file, std::map<std::string, std::string> overrides) {
    CommonOptions options;
    options.config_file = config_file;
    options.overrides = std::move(overrides);
    return complaint([&] {
      const auto config = load_config(options);
      status = config ? 0 : config.error();
    });
  };
  const auto said = load("", {{"server.port", "abc"}});
  EXPECT_EQ(status, misused);
  EXPECT_EQ(said.find("retell: the configuration has errors:\n  server.port: expected"), 0U) << said;
  load(file, {});
  EXPECT_EQ(status, 1);
  load(file, {{"server.host", "127.0.0.1"}});
  EXPECT_EQ(status, 1);
  load("", {{"server.port", "0"}});
  EXPECT_EQ(status, 0);
}

TEST(Commands, show_which_key_signs_the_webhooks) {
  const test::TemporaryFolder folder;
  config::Config config;
  config.data_dir = (folder.path() / "data").string();
  ASSERT_TRUE(open_home(config));
  ::testing::internal::CaptureStdout();
  for (const auto* name : {"first", "other"}) {
    KeyOrder order;
    order.name = name;
    ASSERT_EQ(keys_create(config, order, true), 0);
  }
  ASSERT_EQ(keys_list(config, "", false), 0);
  const auto text = ::testing::internal::GetCapturedStdout();
  const auto line_of = [&](const std::string& name) {
    const auto begin = text.find(" " + name + " ");
    return begin == std::string::npos ? "no such line" : text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_TRUE(line_of("first").ends_with(" webhooks")) << text;
  EXPECT_EQ(line_of("other").find("webhooks"), std::string::npos) << text;
}

}  // namespace
}  // namespace retell::app
