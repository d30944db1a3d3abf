#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "fakes/fake_s3.hpp"
#include "storage/objects/s3_store.hpp"
#include "storage/objects/spool_folder.hpp"
#include "storage/objects/spooling_store.hpp"
#include "support/run.hpp"

namespace retell::storage {
namespace {

using fakes::FakeS3;
using test::run;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

const crypto::AwsKeys keys{"AKIDEXAMPLE", "the/secret+key"};

std::string sound(std::size_t bytes) {
  std::string content(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * 7 + i / 251);
  return content;
}

class S3 : public ::testing::Test {
 protected:
  S3Options options() {
    S3Options options;
    options.bucket = "calls-bucket";
    options.prefix = "prod/";
    options.endpoint = fake_.endpoint();
    options.path_style = true;
    options.keys = keys;
    options.answer_timeout = 500ms;
    return options;
  }
  std::unique_ptr<S3Store> make(S3Options given) {
    return std::make_unique<S3Store>(std::move(given), AwsEnvironment{}, files_, clock_, core::Logger{});
  }
  fs::path write_file(const std::string& name, const std::string& content) {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  // Asks like a browser: no credentials but the link itself.
  std::pair<unsigned, std::string> open_link(const std::string& url) {
    core::ServiceThread thread("browser");
    net::Client client(thread.worker(), {}, {});
    net::ClientRequest request;
    request.url = url;
    request.reach = net::Reach::any;
    auto answer = run(thread.run(client.send(std::move(request)))).value();
    thread.stop();
    return {answer.status, answer.body};
  }

  test::TemporaryFolder folder_;
  core::SystemClock clock_;
  core::Metrics metrics_;
  core::BlockingPool files_{2};
  FakeS3 fake_{keys};
};

TEST(S3Address, is_taken_apart) {
  EXPECT_EQ(parse_s3_address("s3://my-bucket/a/b/").value(), std::pair(std::string("my-bucket"), std::string("a/b/")));
  EXPECT_EQ(parse_s3_address("s3://my-bucket").value().second, "");
  for (const auto* bad : {"http://x", "s3://", "s3://UPPER/x", "s3://my-bucket/../x", "s3://my-bucket/a b"}) {
    EXPECT_FALSE(parse_s3_address(bad).has_value()) << bad;
  }
}

TEST_F(S3, keeps_objects_and_reads_parts_of_them) {
  const auto store = make(options());
  ASSERT_TRUE(run(store->put("recordings/call_1.wav", "0123456789")));
  EXPECT_EQ(fake_.object("calls-bucket/prod/recordings/call_1.wav")->type, "audio/wav");
  EXPECT_EQ(run(store->size("recordings/call_1.wav")).value(), 10U);
  EXPECT_EQ(run(store->read("recordings/call_1.wav", 3, 4)).value(), "3456");
  EXPECT_EQ(run(store->read("recordings/call_1.wav", 8, 100)).value(), "89");
  EXPECT_EQ(run(store->read("recordings/call_1.wav", 50, 5)).value(), "");
  ASSERT_TRUE(run(store->remove("recordings/call_1.wav")));
  EXPECT_EQ(run(store->size("recordings/call_1.wav")).error().code, core::ErrorCode::not_found);
  EXPECT_TRUE(run(store->remove("recordings/call_1.wav")).has_value());
  EXPECT_EQ(run(store->put("../x", "x")).error().code, core::ErrorCode::invalid);
  EXPECT_TRUE(fake_.refused.all().empty());
}

TEST_F(S3, signs_links_that_open_without_credentials_until_they_expire) {
  const auto store = make(options());
  ASSERT_TRUE(run(store->put("recordings/call_1.wav", "sound")));
  const auto link = run(store->link("recordings/call_1.wav", 60s)).value().value();
  EXPECT_EQ(open_link(link), std::pair(200U, std::string("sound")));
  EXPECT_EQ(open_link(link.substr(0, link.size() - 1) + (link.back() == '0' ? "1" : "0")).first, 403U);
  const auto short_lived = run(store->link("recordings/call_1.wav", 1s)).value().value();
  std::this_thread::sleep_for(2'100ms);
  EXPECT_EQ(open_link(short_lived).first, 403U);
}

TEST_F(S3, sends_large_files_in_parts_and_removes_them_only_when_they_have_arrived) {
  auto given = options();
  given.part_size = 100'000;
  given.encryption = "AES256";
  const auto store = make(given);
  const auto content = sound(950'001);
  const auto path = write_file("big.wav", content);
  ASSERT_TRUE(run(store->adopt("recordings/big.wav", path.string())));
  EXPECT_FALSE(fs::exists(path));
  const auto stored = fake_.object("calls-bucket/prod/recordings/big.wav");
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->content, content);
  EXPECT_EQ(stored->encryption, "AES256");
  EXPECT_EQ(fake_.open_uploads(), 0U);
  EXPECT_TRUE(run(store->adopt("recordings/big.wav", path.string())).has_value());  // again, as after a crash
  EXPECT_FALSE(run(store->adopt("recordings/none.wav", path.string())).has_value());
}

TEST_F(S3, an_upload_that_fails_half_way_leaves_the_file_and_no_parts) {
  auto given = options();
  given.part_size = 1'000;
  given.attempts = 1;
  const auto store = make(given);
  const auto path = write_file("big.wav", sound(2'500));
  for (const auto fault : {FakeS3::Fault::error_in_complete, FakeS3::Fault::forget_half}) {
    if (fault == FakeS3::Fault::forget_half) {
      given.part_size = 1'000'000;
      const auto whole = make(given);
      fake_.fault.set(fault, 1);
      EXPECT_FALSE(run(whole->adopt("recordings/big.wav", path.string())).has_value());
    } else {
      fake_.fault.set(fault);
      EXPECT_FALSE(run(store->adopt("recordings/big.wav", path.string())).has_value());
      fake_.fault.set(FakeS3::Fault::none);
    }
    EXPECT_TRUE(fs::exists(path));
    EXPECT_EQ(fake_.open_uploads(), 0U);
  }
}

TEST_F(S3, tries_again_when_it_is_told_to_slow_down_or_hears_nothing) {
  const auto store = make(options());
  fake_.fault.set(FakeS3::Fault::slow_down, 2);
  EXPECT_TRUE(run(store->put("a/b.txt", "x")).has_value());
  fake_.fault.set(FakeS3::Fault::half_open, 1);
  EXPECT_TRUE(run(store->put("a/b.txt", "x")).has_value());
  fake_.fault.set(FakeS3::Fault::slow_down);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(run(store->put("a/b.txt", "x")).error().code, core::ErrorCode::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(S3, a_refused_key_is_not_tried_again) {
  auto given = options();
  given.keys.secret = "wrong";
  const auto store = make(given);
  EXPECT_EQ(run(store->put("a/b.txt", "x")).error().code, core::ErrorCode::forbidden);
  EXPECT_EQ(fake_.requests, 1);
  EXPECT_EQ(fake_.refused.all().at(0), "a wrong signature");
}

class Spool : public S3 {
 protected:
  std::unique_ptr<SpoolingStore> spool() {
    auto given = options();
    given.attempts = 1;
    return std::make_unique<SpoolingStore>(make(given), folder_.path() / "spool", files_, metrics_, core::Logger{});
  }
  static bool becomes_empty(const SpoolingStore& store, std::chrono::seconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (store.waiting() > 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(20ms);
    return store.waiting() == 0;
  }
  std::size_t files_in_spool() {  // with the notes of those that could not be sent
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path() / "spool"), {}));
  }
  std::vector<SpooledFile> listed() { return list_spool(folder_.path() / "spool"); }
};

TEST_F(Spool, nothing_is_lost_while_the_store_is_down_and_while_we_are) {
  fake_.fault.set(FakeS3::Fault::slow_down);
  constexpr int count = 20;
  {
    const auto store = spool();
    for (int i = 0; i < count; ++i) {
      const auto name = "call_" + std::to_string(i) + ".wav";
      const auto path = write_file(name, sound(1'000 + static_cast<std::size_t>(i)));
      ASSERT_TRUE(run(store->adopt("recordings/" + name, path.string())));
      EXPECT_FALSE(fs::exists(path));
    }
    std::this_thread::sleep_for(300ms);
    EXPECT_EQ(store->waiting(), static_cast<std::size_t>(count));
    EXPECT_EQ(run(store->size("recordings/call_3.wav")).value(), 1'003U);  // playable meanwhile
    EXPECT_EQ(run(store->read("recordings/call_3.wav", 0, 5'000)).value(), sound(1'003));
    EXPECT_FALSE(run(store->link("recordings/call_3.wav", 60s)).value().has_value());
  }
  EXPECT_EQ(listed().size(), static_cast<std::size_t>(count));
  EXPECT_EQ(fake_.objects(), 0U);
  fake_.fault.set(FakeS3::Fault::none);
  const auto store = spool();  // the next process
  EXPECT_TRUE(becomes_empty(*store, 10s));
  for (int i = 0; i < count; ++i) {
    const auto stored = fake_.object("calls-bucket/prod/recordings/call_" + std::to_string(i) + ".wav");
    ASSERT_TRUE(stored.has_value()) << i;
    EXPECT_EQ(stored->content, sound(1'000 + static_cast<std::size_t>(i)));
  }
  EXPECT_EQ(files_in_spool(), 0U);
  EXPECT_TRUE(run(store->link("recordings/call_3.wav", 60s)).value().has_value());
  EXPECT_NE(metrics_.render().find("retell_uploads_total{outcome=\"sent\"} 20"), std::string::npos);
}

TEST_F(Spool, can_be_looked_into_for_what_waits_since_when_and_why) {
  fake_.fault.set(FakeS3::Fault::slow_down);
  const auto store = spool();
  const auto begun = std::chrono::system_clock::now();
  ASSERT_TRUE(run(store->adopt("recordings/a.wav", write_file("a.wav", "sound").string())));
  for (int i = 0; i < 250 && (listed().empty() || listed().front().attempts == 0); ++i) {
    std::this_thread::sleep_for(20ms);
  }
  const auto waiting = listed();
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting.front().name, "recordings/a.wav");
  EXPECT_EQ(waiting.front().bytes, 5U);
  EXPECT_GE(waiting.front().attempts, 1);
  EXPECT_NE(waiting.front().last_error.find("503"), std::string::npos) << waiting.front().last_error;
  const std::chrono::milliseconds age(std::abs(waiting.front().since - core::epoch_ms(begun)));
  EXPECT_LT(age, 10s);
  fake_.fault.set(FakeS3::Fault::none);
  EXPECT_TRUE(becomes_empty(*store, 10s));
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(files_in_spool(), 0U);
}

TEST_F(Spool, a_deleted_file_is_not_sent_and_one_being_sent_does_not_come_back) {
  fake_.fault.set(FakeS3::Fault::half_open);  // the first attempt hangs
  const auto store = spool();
  ASSERT_TRUE(run(store->adopt("recordings/a.wav", write_file("a.wav", "sound").string())));
  std::this_thread::sleep_for(200ms);
  fake_.fault.set(FakeS3::Fault::none);
  ASSERT_TRUE(run(store->remove("recordings/a.wav")));
  EXPECT_TRUE(becomes_empty(*store, 5s));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(fake_.objects(), 0U);
  EXPECT_EQ(files_in_spool(), 0U);
  EXPECT_EQ(run(store->size("recordings/a.wav")).error().code, core::ErrorCode::not_found);
}

TEST_F(Spool, taking_over_twice_is_fine) {
  const auto store = spool();
  const auto path = write_file("a.wav", "sound");
  ASSERT_TRUE(run(store->adopt("recordings/a.wav", path.string())));
  EXPECT_TRUE(run(store->adopt("recordings/a.wav", path.string())).has_value());
  EXPECT_TRUE(becomes_empty(*store, 5s));
  EXPECT_TRUE(run(store->adopt("recordings/a.wav", path.string())).has_value());
  EXPECT_FALSE(run(store->adopt("recordings/b.wav", path.string())).has_value());
}

// Every place that keys may come from, as AWS' own servers answer.
class Credentials : public S3 {
 protected:
  Credentials()
      : endpoint_(1, [this](net::HttpRequest request, core::Worker&) { return answer(std::move(request)); }, {}) {}
  core::Task<net::HttpResponse> answer(net::HttpRequest request) {
    ++asked_;
    const auto now = core::epoch_ms(clock_.wall());
    const auto expires = static_cast<std::time_t>(now / 1'000) + lifetime_s_;
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&expires));
    const auto body = R"({"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"the/secret+key","Token":"session )" +
                      std::to_string(asked_) + R"(","Expiration":")" + text + "\"}";
    if (request.path == "/task" && request.headers.get("Authorization") == "Bearer x") {
      if (down_) co_return fakes::json_response(500, "{}");
      fake_.set_keys({keys.id, keys.secret, "session " + std::to_string(asked_)});
      co_return fakes::json_response(200, body);
    }
    if (request.path == "/latest/api/token" && request.method == "PUT") co_return fakes::json_response(200, "tok");
    if (request.headers.get("X-aws-ec2-metadata-token") != "tok") co_return fakes::json_response(401, "");
    if (request.path == "/latest/meta-data/iam/security-credentials/") co_return fakes::json_response(200, "my-role\n");
    if (request.path == "/latest/meta-data/iam/security-credentials/my-role") {
      fake_.set_keys({keys.id, keys.secret, "session " + std::to_string(asked_)});
      co_return fakes::json_response(200, body);
    }
    co_return fakes::not_found();
  }
  std::unique_ptr<S3Store> with(AwsEnvironment environment) {
    auto given = options();
    given.keys = {};
    return std::make_unique<S3Store>(given, std::move(environment), files_, clock_, core::Logger{});
  }

  std::atomic<int> asked_{0};
  std::atomic<int> lifetime_s_{3'600};
  std::atomic<bool> down_{false};
  fakes::FakeServer endpoint_;
};

TEST_F(Credentials, come_from_variables_and_files) {
  fake_.set_keys({keys.id, keys.secret, "tok"});
  const auto variables =
      with({{"AWS_ACCESS_KEY_ID", keys.id}, {"AWS_SECRET_ACCESS_KEY", keys.secret}, {"AWS_SESSION_TOKEN", "tok"}});
  EXPECT_TRUE(run(variables->put("a", "x")).has_value());
  fake_.set_keys(keys);
  const auto file = write_file("credentials",
                               "[other]\naws_access_key_id=x\naws_secret_access_key=y\n# note\n[work]\n"
                               "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = the/secret+key\n");
  const auto profile = with({{"AWS_SHARED_CREDENTIALS_FILE", file.string()}, {"AWS_PROFILE", "work"}});
  EXPECT_TRUE(run(profile->put("a", "x")).has_value());
  const auto none = with({{"AWS_EC2_METADATA_DISABLED", "true"}});
  EXPECT_EQ(run(none->put("a", "x")).error().code, core::ErrorCode::unavailable);
}

TEST_F(Credentials, of_a_task_role_are_renewed_before_they_expire) {
  const auto token = write_file("token", "Bearer x\n");
  const auto store = with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint_.url("http") + "/task"},
                           {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.string()}});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(run(store->put("a", "x")).has_value());
  EXPECT_EQ(asked_, 1);
  lifetime_s_ = 240;  // less than the five minutes before which AWS has new ones
  fake_.fault.set(FakeS3::Fault::expired, 1);
  EXPECT_TRUE(run(store->put("a", "x")).has_value());  // the service says that they are over
  EXPECT_EQ(asked_, 2);
  EXPECT_TRUE(run(store->put("a", "x")).has_value());
  EXPECT_EQ(asked_, 3);
  down_ = true;
  EXPECT_TRUE(run(store->put("a", "x")).has_value());  // the old ones still last
  const auto so_far = asked_.load();
  EXPECT_TRUE(run(store->put("a", "x")).has_value());
  EXPECT_EQ(asked_, so_far);  // and the endpoint is left in peace for a while
}

TEST_F(Credentials, of_the_machine_come_by_imds_version_2) {
  const auto store = with({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint_.url("http") + "/"}});
  EXPECT_TRUE(run(store->put("a", "x")).has_value());
  EXPECT_EQ(asked_, 3);
}

TEST_F(Credentials, are_not_asked_for_over_a_network_in_the_clear) {
  const auto store = with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/task"}});
  const auto refused = run(store->put("a", "x"));
  EXPECT_NE(refused.error().message.find("https"), std::string::npos);
}

TEST(AwsTime, is_read) {
  EXPECT_EQ(parse_aws_time("2013-05-24T00:00:00Z"), 1'369'353'600'000);
  EXPECT_EQ(parse_aws_time("2013-05-24T00:00:00.123Z"), 1'369'353'600'000);
  EXPECT_FALSE(parse_aws_time("tomorrow").has_value());
}

}  // namespace
}  // namespace retell::storage
