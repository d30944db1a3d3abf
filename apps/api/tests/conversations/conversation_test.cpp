// Plays every file of cases/ in virtual time.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "conversations/script.hpp"
#include "support/paths.hpp"

namespace retell::engine::turn::world {
namespace {

std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() + "/tests/conversations/cases")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

class Conversation : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Conversation, goes_as_written) {
  std::ifstream file(GetParam());
  std::stringstream content;
  content << file.rdbuf();
  boost::json::value script;
  ASSERT_NO_THROW(script = boost::json::parse(content.str())) << "not JSON";
  std::unique_ptr<World> world;
  ASSERT_NO_THROW(world = play(script.as_object()));
  for (const auto& complaint : complaints(script.as_object(), *world)) ADD_FAILURE() << complaint;
  if (HasFailure()) std::cout << log_text(*world);
}

INSTANTIATE_TEST_SUITE_P(Cases, Conversation, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.stem().string(); });

TEST(Conversations, cover_the_complaints_by_forty_cases_and_more) { EXPECT_GE(cases().size(), 40U); }

}  // namespace
}  // namespace retell::engine::turn::world
