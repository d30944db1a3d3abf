// S3 is away for the length of calls, and the server is killed meanwhile: every recording arrives, and so does every
// webhook.
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "audio/wav.hpp"
#include "fakes/fake_s3.hpp"
#include "faults/callers.hpp"
#include "faults/receiver.hpp"
#include "json/text.hpp"
#include "storage/objects/spool_folder.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

const crypto::AwsKeys keys{"AKIDEXAMPLE", "the/secret+key"};

class Bucket : public ::testing::Test {
 protected:
  std::map<std::string, std::string> environment() {
    auto all = vendors.environment();
    all.merge(
        std::map<std::string, std::string>{{"RETELL_SECURITY_ALLOW_PRIVATE_NETWORKS", "true"},
                                           {"RETELL_ORGANIZATION_WEBHOOK_URL", receiver.url()},
                                           {"RETELL_RECORDINGS_STORE", "s3://calls-bucket/prod"},
                                           {"RETELL_RECORDINGS_ENDPOINT", "http://127.0.0.1:" + std::to_string(port)},
                                           {"RETELL_RECORDINGS_PATH_STYLE", "true"},
                                           {"RETELL_RECORDINGS_ACCESS_KEY_ID", keys.id},
                                           {"RETELL_RECORDINGS_SECRET_ACCESS_KEY", keys.secret}});
    return all;
  }
  json::Array calls() { return program.ask("POST", "/v3/list-calls", "{}").body.at("items").as_array(); }
  std::size_t in_spool() { return storage::list_spool(program.folder() / "data" / "spool").size(); }

  std::uint16_t port = free_port();  // of S3; nobody is there yet
  CallVendors vendors;
  Receiver receiver{10s};
  Program program{environment()};
  Callers callers{program};
};

TEST_F(Bucket, that_is_away_for_the_length_of_calls_gets_all_recordings_when_it_is_back) {
  const auto first = callers.phone(2, "first");
  const auto second = callers.phone(2, "second");
  EXPECT_EQ(wait_child(first) % 3, 0) << read_file(program.folder() / "first");  // 3: the far end was not content
  EXPECT_EQ(wait_child(second) % 3, 0) << read_file(program.folder() / "second");
  ASSERT_TRUE(wait_until([&] { return in_spool() == 2; }, 10s)) << in_spool() << program.log();

  // Killed while another caller speaks.
  const auto third = callers.phone(9, "third");
  ASSERT_TRUE(wait_until([&] { return calls().size() == 3 && calls()[0].at("call_status") == "ongoing"; }, 20s));
  std::this_thread::sleep_for(3s);
  program.kill();
  (void)wait_child(third);
  EXPECT_EQ(in_spool(), 2U);
  program.start();
  EXPECT_EQ(in_spool(), 3U);

  // All of them can be heard meanwhile.
  std::map<std::string, std::string> heard;
  for (const auto& call : calls()) {
    const auto answer = program.follow(std::string(call.at("recording_url").as_string()));
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->status, 200U);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(answer->body.data());  // NOLINT
    const auto sound = audio::parse_wav({bytes, answer->body.size()});
    ASSERT_TRUE(sound.has_value()) << sound.error().message;
    EXPECT_GE(sound->seconds(), 2);
    heard[std::string(call.at("call_id").as_string())] = answer->body;
  }
  ASSERT_EQ(heard.size(), 3U);

  fakes::FakeS3 bucket(keys, "us-east-1", port);
  ASSERT_TRUE(wait_until([&] { return in_spool() == 0; }, 90s)) << in_spool() << program.log();
  EXPECT_EQ(bucket.objects(), heard.size());
  for (const auto& [id, content] : heard) {
    const auto object = bucket.object("calls-bucket/prod/recordings/" + id + ".wav");
    ASSERT_TRUE(object.has_value()) << id;
    EXPECT_TRUE(object->content == content) << id;
  }
  EXPECT_TRUE(bucket.refused.all().empty());

  ASSERT_TRUE(wait_until([&] { return receiver.taken() == 3 * heard.size(); }, 40s)) << receiver.taken();
  for (const auto& [call, events] : receiver.events()) {
    EXPECT_EQ(events, (std::vector<std::string>{"call_started", "call_ended", "call_analyzed"})) << call;
  }
}

// A task's disk ends with it: what can be sent is sent before the process ends.
TEST_F(Bucket, gets_what_waits_when_the_program_is_told_to_stop) {
  EXPECT_EQ(wait_child(callers.phone(1, "first")) % 3, 0) << read_file(program.folder() / "first");
  ASSERT_TRUE(wait_until([&] { return in_spool() == 1; }, 10s)) << program.log();
  std::optional<fakes::FakeS3> bucket;
  std::thread comes_back([&] {
    std::this_thread::sleep_for(2s);
    bucket.emplace(keys, "us-east-1", port);
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(program.stop(), 0);
  comes_back.join();
  EXPECT_EQ(in_spool(), 0U) << program.log();
  EXPECT_EQ(bucket->objects(), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 40s) << "it ends when the last one is there";
}

TEST_F(Bucket, gets_the_recording_of_the_call_that_the_stop_ended) {
  fakes::FakeS3 bucket(keys, "us-east-1", port);
  program.kill();
  program.set("RETELL_DRAIN_SECONDS", "0");
  program.start();
  const auto call = callers.phone(9, "call");
  ASSERT_TRUE(wait_until([&] { return calls().size() == 1 && calls()[0].at("call_status") == "ongoing"; }, 20s));
  std::this_thread::sleep_for(2s);
  EXPECT_EQ(program.stop(), 0);
  (void)wait_child(call);
  EXPECT_EQ(in_spool(), 0U) << program.log();
  EXPECT_EQ(bucket.objects(), 1U);
}

TEST_F(Bucket, that_stays_away_holds_the_stop_up_no_longer_than_there_is_time) {
  program.kill();
  program.set("RETELL_STOP_SECONDS", "20");
  program.start();
  EXPECT_EQ(wait_child(callers.phone(1, "first")) % 3, 0) << read_file(program.folder() / "first");
  ASSERT_TRUE(wait_until([&] { return in_spool() == 1; }, 10s)) << program.log();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(program.stop(), 0);
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(took, 10s);
  EXPECT_LT(took, 20s);
  EXPECT_EQ(in_spool(), 1U);
  EXPECT_NE(program.log().find("1 recordings are not in the bucket"), std::string::npos) << program.log();
  EXPECT_NE(program.log().find("recordings/call_"), std::string::npos) << program.log();
}

}  // namespace
}  // namespace retell::test
