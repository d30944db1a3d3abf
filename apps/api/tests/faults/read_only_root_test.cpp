// The program as containers run it that are hardened: an ordinary user, and a root that nobody can write to.
#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "faults/callers.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

// In a mount namespace of its own. Only the data can be written to; proof is asked for before the program starts.
constexpr auto script = R"sh(
data=$1
shift
mount --bind "$data" "$data"
mount -o remount,bind,ro /
for place in "$data/.." /tmp /var/tmp "$HOME/.."; do
  if touch "$place/proof" 2>/dev/null; then echo "$place is not read-only"; exit 9; fi
done
exec setpriv --reuid 10001 --regid 10001 --clear-groups --pdeathsig KILL "$@"
)sh";

TEST(ReadOnlyRoot, is_enough_for_calls_with_recordings) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a root read-only";
  CallVendors vendors;
  Program program(vendors.environment());
  Callers callers(program);
  program.kill();
  const auto data = program.folder() / "data";
  ASSERT_EQ(::chmod(program.folder().c_str(), 0755), 0);
  ASSERT_EQ(::chown(data.c_str(), 10'001, 10'001), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
    ASSERT_EQ(::chown(entry.path().c_str(), 10'001, 10'001), 0);
  }
  program.wrap({"unshare", "--mount", "sh", "-euc", script, "sh", data.string()});
  program.set("HOME", data.string());
  program.start();
  EXPECT_EQ(wait_child(callers.phone(1, "call")) % 3, 0) << read_file(program.folder() / "call");
  const auto calls = program.ask("POST", "/v3/list-calls", "{}").body.at("items").as_array();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].at("call_status"), "ended");
  const auto recording = program.follow(std::string(calls[0].at("recording_url").as_string()));
  ASSERT_TRUE(recording.has_value());
  EXPECT_EQ(recording->status, 200U);
  EXPECT_GT(recording->body.size(), 10'000U);
  EXPECT_EQ(program.stop(), 0);
  EXPECT_EQ(program.log().find("Read-only"), std::string::npos) << program.log();
  EXPECT_EQ(program.log().find("denied"), std::string::npos) << program.log();
}

}  // namespace
}  // namespace retell::test
