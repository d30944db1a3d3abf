#include "app/commands/doctor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/run.hpp"

namespace retell::app {
namespace {

namespace fs = std::filesystem;

class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    config_.data_dir = (folder_.path() / "data").string();
    config_.models.dir = (folder_.path() / "models").string();
    config_.server.port = 0;
  }
  [[nodiscard]] Finding finding(const std::string& what) const {
    for (auto& found : examine(config_)) {
      if (found.what == what) return found;
    }
    return {Verdict::bad, what, "nothing is said of it"};
  }

  test::TemporaryFolder folder_;
  config::Config config_;
};

TEST_F(DoctorTest, changes_nothing) {
  EXPECT_EQ(finding("data folder").verdict, Verdict::good);
  EXPECT_EQ(finding("database").verdict, Verdict::warning);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(DoctorTest, tries_the_address_that_is_configured) {
  boost::asio::io_context loop;
  const boost::asio::ip::tcp::acceptor taken(loop, {boost::asio::ip::make_address("127.0.0.2"), 0});
  config_.server.port = taken.local_endpoint().port();
  EXPECT_EQ(finding("port").verdict, Verdict::good) << "127.0.0.1 is another address";
  config_.server.host = "127.0.0.2";
  EXPECT_EQ(finding("port").verdict, Verdict::warning);
  config_.server.host = "203.0.113.7";
  EXPECT_EQ(finding("port").verdict, Verdict::bad) << "not an address of this machine";
  config_.server.host = "::1";
  EXPECT_NE(finding("port").detail.find("::1"), std::string::npos);
}

TEST_F(DoctorTest, finds_the_vendors_without_a_key_wherever_they_are_asked_for) {
  EXPECT_EQ(finding("settings").verdict, Verdict::good);
  config_.providers.llm_fallbacks = {"openai"};
  config_.voices.resize(1);
  config_.voices[0].vendor = "elevenlabs";
  std::string told;
  for (const auto& found : examine(config_)) {
    if (found.what == "settings" && found.verdict == Verdict::bad) told += found.detail + "\n";
  }
  EXPECT_NE(told.find("RETELL_PROVIDERS_OPENAI_API_KEY"), std::string::npos) << told;
  EXPECT_NE(told.find("RETELL_PROVIDERS_ELEVENLABS_API_KEY"), std::string::npos) << told;
}

TEST_F(DoctorTest, sees_where_recordings_go) {
  EXPECT_EQ(finding("recordings").detail, "in the data folder");
  config_.recordings.store = (folder_.path() / "calls").string();
  EXPECT_EQ(finding("recordings").verdict, Verdict::good);
  std::ofstream(folder_.path() / "file") << "no folder";
  config_.recordings.store = (folder_.path() / "file" / "calls").string();
  EXPECT_EQ(finding("recordings").verdict, Verdict::bad);
  config_.recordings.store = "s3://bucket/calls";
  EXPECT_NE(finding("recordings").detail.find("s3://bucket/calls"), std::string::npos);
}

#ifdef RETELL_LOCAL_MODELS
TEST_F(DoctorTest, misses_the_models_that_are_configured) {
  EXPECT_EQ(finding("models").verdict, Verdict::warning) << "the defaults: others stand in for them";
  EXPECT_EQ(finding("models").detail.find("smart-turn"), std::string::npos) << "nobody uses it";
  config_.models.llm = "qwen2.5-1.5b-instruct";
  config_.models.stt = "small";
  config_.providers.end_of_turn = "smart_turn";
  const auto found = finding("models");
  EXPECT_EQ(found.verdict, Verdict::bad);
  for (const auto* name : {"qwen2.5-1.5b-instruct", "whisper-small", "smart-turn-v3.2", "piper-en_US-joe-medium"}) {
    EXPECT_NE(found.mend.find(name), std::string::npos) << found.mend;
  }
  EXPECT_EQ(found.mend.find("smollm2"), std::string::npos) << "another was named";
}
#endif

}  // namespace
}  // namespace retell::app
