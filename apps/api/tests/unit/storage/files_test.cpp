#include <gtest/gtest.h>

#include <fstream>

#include "storage/objects/folder_store.hpp"
#include "support/run.hpp"

namespace retell::storage {
namespace {

using test::run;

class Folder : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  core::BlockingPool files_{1};
  FolderStore store_{folder_.path() / "objects", files_};
};

TEST_F(Folder, keeps_objects_and_reads_parts_of_them) {
  ASSERT_TRUE(run(store_.put("recordings/call_1.wav", "0123456789")));
  EXPECT_EQ(run(store_.size("recordings/call_1.wav")).value(), 10U);
  EXPECT_EQ(run(store_.read("recordings/call_1.wav", 3, 4)).value(), "3456");
  EXPECT_EQ(run(store_.read("recordings/call_1.wav", 8, 100)).value(), "89");
  EXPECT_EQ(run(store_.read("recordings/call_1.wav", 50, 5)).value(), "");
  ASSERT_TRUE(run(store_.remove("recordings/call_1.wav")));
  EXPECT_EQ(run(store_.size("recordings/call_1.wav")).error().code, core::ErrorCode::not_found);
  EXPECT_TRUE(run(store_.remove("recordings/call_1.wav")).has_value());
}

TEST_F(Folder, takes_over_a_finished_file) {
  const auto local = folder_.path() / "live.wav";
  std::ofstream(local) << "sound";
  ASSERT_TRUE(run(store_.adopt("a/b.wav", local.string())));
  EXPECT_FALSE(std::filesystem::exists(local));
  EXPECT_EQ(run(store_.read("a/b.wav", 0, 100)).value(), "sound");
  EXPECT_TRUE(run(store_.adopt("a/b.wav", local.string())).has_value());  // again, as after a crash
  EXPECT_FALSE(run(store_.adopt("a/c.wav", local.string())).has_value());
}

TEST_F(Folder, refuses_names_that_could_leave_it) {
  for (const auto* name :
       {"", "../x", "a/../x", "/etc/passwd", "a//b", ".hidden", "a/.b", "a/", "a b", "a\\b", "a%2e"}) {
    EXPECT_FALSE(is_object_name(name)) << name;
    EXPECT_EQ(run(store_.put(name, "x")).error().code, core::ErrorCode::invalid) << name;
  }
  EXPECT_TRUE(is_object_name("recordings/call_0.v2-final.wav"));
}

}  // namespace
}  // namespace retell::storage
