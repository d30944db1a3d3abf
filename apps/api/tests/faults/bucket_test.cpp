// S3 is away for the length of calls, and the server is killed meanwhile: every recording arrives, and so does every
// webhook.
#include <gtest/gtest.h>

#include <thread>

#include "audio/wav.hpp"
#include "fakes/fake_deepgram.hpp"
#include "fakes/fake_elevenlabs.hpp"
#include "fakes/fake_openai.hpp"
#include "fakes/fake_s3.hpp"
#include "faults/program.hpp"
#include "faults/receiver.hpp"
#include "json/text.hpp"
#include "storage/objects/spool_folder.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

const crypto::AwsKeys keys{"AKIDEXAMPLE", "the/secret+key"};

fakes::FakeDeepgram::Options listener() {
  fakes::FakeDeepgram::Options options;
  options.utterances = {{"What is the capital of France?"}};
  options.repeat = true;
  return options;
}

class Bucket : public ::testing::Test {
 protected:
  Bucket() {
    // Loud enough to be speech, for a second.
    std::vector<std::int16_t> sound(8'000);
    for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = static_cast<std::int16_t>(i % 40 < 20 ? 4'000 : -4'000);
    auto file = audio::WavWriter::create((program.folder() / "caller.wav").string(), 8'000, 1).value();
    EXPECT_TRUE(file.write(sound).has_value());
    EXPECT_EQ(program.ask("PATCH", "/update-agent/agent_demo_en", R"({"voice_id":"11labs-Adrian"})").status, 200U);
  }
  std::map<std::string, std::string> environment() {
    return {{"RETELL_PROVIDERS_STT", "deepgram"},
            {"RETELL_PROVIDERS_DEEPGRAM_BASE_URL", ears.base_url()},
            {"RETELL_PROVIDERS_DEEPGRAM_API_KEY", "dg-key"},
            {"RETELL_PROVIDERS_TTS", "elevenlabs"},
            {"RETELL_PROVIDERS_ELEVENLABS_BASE_URL", mouth.base_url()},
            {"RETELL_PROVIDERS_ELEVENLABS_API_KEY", "xi-key"},
            {"RETELL_PROVIDERS_LLM", "openai"},
            {"RETELL_PROVIDERS_OPENAI_BASE_URL", mind.base_url()},
            {"RETELL_PROVIDERS_OPENAI_API_KEY", "sk-key"},
            {"RETELL_SECURITY_ALLOW_PRIVATE_NETWORKS", "true"},
            {"RETELL_ORGANIZATION_WEBHOOK_URL", receiver.url()},
            {"RETELL_RECORDINGS_STORE", "s3://calls-bucket/prod"},
            {"RETELL_RECORDINGS_ENDPOINT", "http://127.0.0.1:" + std::to_string(port)},
            {"RETELL_RECORDINGS_PATH_STYLE", "true"},
            {"RETELL_RECORDINGS_ACCESS_KEY_ID", keys.id},
            {"RETELL_RECORDINGS_SECRET_ACCESS_KEY", keys.secret}};
  }
  // A caller who speaks so many times, and hangs up.
  pid_t phone(int turns, const std::string& log) {
    std::vector<std::string> arguments{"call", "--server", program.url(), "--json", "--limit", "40"};
    for (int i = 0; i < turns; ++i)
      arguments.insert(arguments.end(), {"--wav", (program.folder() / "caller.wav").string()});
    return program.command(std::move(arguments), log);
  }
  json::Array calls() { return program.ask("POST", "/v3/list-calls", "{}").body.at("items").as_array(); }
  std::size_t in_spool() { return storage::list_spool(program.folder() / "data" / "spool").size(); }

  std::uint16_t port = free_port();  // of S3; nobody is there yet
  fakes::FakeDeepgram ears{listener()};
  fakes::FakeElevenLabs mouth;
  fakes::FakeOpenAi mind;
  Receiver receiver{10s};
  Program program{environment()};
};

TEST_F(Bucket, that_is_away_for_the_length_of_calls_gets_all_recordings_when_it_is_back) {
  const auto first = phone(2, "first");
  const auto second = phone(2, "second");
  EXPECT_EQ(wait_child(first) % 3, 0) << read_file(program.folder() / "first");  // 3: the far end was not content
  EXPECT_EQ(wait_child(second) % 3, 0) << read_file(program.folder() / "second");
  ASSERT_TRUE(wait_until([&] { return in_spool() == 2; }, 10s)) << in_spool() << program.log();

  // Killed while another caller speaks.
  const auto third = phone(9, "third");
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

}  // namespace
}  // namespace retell::test
