// The object store against an emulation of S3 that is not ours and checks signatures with AWS' own library.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "storage/objects/s3_store.hpp"
#include "support/child.hpp"
#include "support/paths.hpp"
#include "support/run.hpp"

namespace retell::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Moto : public ::testing::Test {
 protected:
  Moto() {
    const char* home = std::getenv("RETELL_MOTO");
    if (home == nullptr) throw std::runtime_error("RETELL_MOTO names the folder that scripts/moto.sh prints");
    const fs::path programs = fs::path(home) / "bin";
    const auto log = folder_.path() / "log";
    // What moto_setup.py does goes without keys; everything after it is checked.
    child_ = start_child({"env", "INITIAL_NO_AUTH_ACTION_COUNT=4", programs / "moto_server", "-H", "127.0.0.1", "-p",
                          std::to_string(port_)},
                         log, false);
    if (!listens(port_, 60)) throw std::runtime_error("moto did not start: " + read_file(log));
    const auto keys = folder_.path() / "keys";
    const auto script = source_dir() + "/tests/faults/moto_setup.py";
    if (wait_child(start_child({programs / "python", script, endpoint(), "calls-bucket"}, keys, false)) != 0) {
      throw std::runtime_error(read_file(keys));
    }
    std::istringstream(read_file(keys)) >> keys_.id >> keys_.secret;
  }
  ~Moto() override { stop_child(child_, SIGKILL); }
  [[nodiscard]] std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  storage::S3Options options() {
    storage::S3Options options;
    options.bucket = "calls-bucket";
    options.prefix = "prod/";
    options.endpoint = endpoint();
    options.path_style = true;
    options.encryption = "AES256";
    options.keys = keys_;
    return options;
  }

  TemporaryFolder folder_;
  std::uint16_t port_ = free_port();
  pid_t child_ = 0;
  crypto::AwsKeys keys_;
  core::SystemClock clock_;
  core::BlockingPool files_{2};
};

TEST_F(Moto, takes_what_the_store_sends_and_gives_it_back) {
  storage::S3Store store(options(), {}, files_, clock_, {});
  const auto put = run(store.put("recordings/call_1.wav", "0123456789"));
  ASSERT_TRUE(put.has_value()) << put.error().message;
  EXPECT_EQ(run(store.size("recordings/call_1.wav")).value(), 10U);
  EXPECT_EQ(run(store.read("recordings/call_1.wav", 3, 4)).value(), "3456");
  EXPECT_EQ(run(store.read("recordings/call_1.wav", 50, 5)).value(), "");
  const auto link = run(store.link("recordings/call_1.wav", 60s)).value().value();
  const auto fetched = folder_.path() / "fetched";
  EXPECT_EQ(wait_child(start_child({"curl", "-sS", "--fail", link}, fetched, false)), 0);
  EXPECT_EQ(read_file(fetched), "0123456789");
  ASSERT_TRUE(run(store.remove("recordings/call_1.wav")));
  EXPECT_EQ(run(store.size("recordings/call_1.wav")).error().code, core::ErrorCode::not_found);
}

TEST_F(Moto, puts_the_parts_of_a_large_file_together) {
  storage::S3Store store(options(), {}, files_, clock_, {});
  std::string content(std::size_t{20} << 20U, '\0');
  for (std::size_t i = 0; i < content.size(); i += 997) content[i] = static_cast<char>(i);
  const auto path = folder_.path() / "big.wav";
  std::ofstream(path, std::ios::binary) << content;
  const auto sent = run(store.adopt("recordings/big.wav", path.string()));
  ASSERT_TRUE(sent.has_value()) << sent.error().message;
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(run(store.read("recordings/big.wav", 0, content.size())).value(), content);
}

TEST_F(Moto, refuses_a_signature_that_is_wrong) {
  auto wrong = options();
  wrong.keys.secret += "x";
  storage::S3Store store(wrong, {}, files_, clock_, {});
  EXPECT_EQ(run(store.put("a/b.txt", "x")).error().code, core::ErrorCode::forbidden);
}

}  // namespace
}  // namespace retell::test
