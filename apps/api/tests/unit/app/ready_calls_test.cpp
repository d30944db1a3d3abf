// The whole server with loopback vendors: a call that rings, and a carrier that talks the moment it may.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/server.hpp"
#include "audio/g711.hpp"
#include "crypto/encoding.hpp"
#include "host_rig.hpp"
#include "json/text.hpp"
#include "net/client.hpp"
#include "net/ws_frames.hpp"
#include "support/run.hpp"

namespace retell::app::test {
namespace {

constexpr auto greeting = "Hello there.";

class ReadyServer : public ::testing::Test {
 protected:
  template <class F>
  auto on_client(F body) {
    return boost::asio::co_spawn(client_worker_.executor(), body(), boost::asio::use_future).get();
  }
  ReadyServer() {
    config::Config config;
    config.data_dir = folder_.path().string();
    config.server.port = 0;
    config.workers = 2;
    config.demo = false;
    config.providers.stt = "deepgram";
    config.providers.tts = "elevenlabs";
    config.providers.llm = "openai";
    config.providers.vendors["deepgram"] = {"dg-key", vendors.ears.base_url(), ""};
    config.providers.vendors["elevenlabs"] = {"xi-key", vendors.voice.base_url(), ""};
    config.providers.vendors["openai"] = {"", vendors.mind.base_url(), ""};
    config::Voice voice;
    voice.id = "test-voice";
    voice.name = "Test";
    voice.vendor = "elevenlabs";
    voice.vendor_voice = "v";
    config.voices.push_back(voice);
    auto built = Server::build(config, core::Logger());
    EXPECT_TRUE(built.has_value()) << built.error().message;
    server_ = std::move(*built);
    port_ = server_->start().value();
    key_ = server_->lend_api_key("test").value();
    client_worker_.start();
    on_client([this]() -> core::Task<bool> {
      client_.emplace(client_worker_, net::ClientOptions{}, core::Logger());
      co_return true;
    });
    const auto llm = post("/create-retell-llm", {{"general_prompt", "Be brief."}, {"begin_message", greeting}});
    const auto agent =
        post("/create-agent",
             {{"voice_id", "test-voice"}, {"response_engine", {{"type", "retell-llm"}, {"llm_id", llm.at("llm_id")}}}});
    agent_id_ = agent.at("agent_id").as_string();
  }
  ~ReadyServer() override {
    server_.reset();
    client_worker_.stop();
    client_.reset();
  }

  json::Object post(const std::string& path, json::Object body) {
    return on_client([&]() -> core::Task<json::Object> {
      net::ClientRequest request;
      request.method = "POST";
      request.url = "http://127.0.0.1:" + std::to_string(port_) + path;
      request.headers.set("Authorization", "Bearer " + key_);
      request.headers.set("Content-Type", "application/json");
      request.body = json::dump(body);
      request.reach = net::Reach::any;
      auto answer = co_await client_->send(std::move(request));
      EXPECT_TRUE(answer.has_value());
      EXPECT_EQ(answer->status, 201U) << answer->body;
      auto parsed = json::parse(answer->body);
      EXPECT_TRUE(parsed && parsed->is_object()) << answer->body;
      co_return parsed->as_object();
    });
  }

  struct Announced {
    std::string path;
    std::string token;
  };
  Announced announce() {
    const auto made = post("/simulated-call", {{"agent_id", agent_id_}});
    return {std::string(made.at("stream_path").as_string()),
            std::string(made.at("parameters").at("token").as_string())};
  }

  Vendors vendors;
  retell::test::TemporaryFolder folder_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::string key_;
  std::string agent_id_;
  core::Worker client_worker_{9};
  std::optional<net::Client> client_;
};

// A carrier on a blocking socket, which says everything at once: the handshake, who it is, and 0.6 s of sound.
class Carrier {
 public:
  static constexpr int early_frames = 30;

  Carrier(std::uint16_t port, const std::string& path, const std::string& token)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::string bytes = "GET " + path +
                        " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    add(bytes, R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
    add(bytes, R"({"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1",)"
               R"("tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},)"
               R"("customParameters":{)" +
                   (token.empty() ? std::string() : "\"token\":\"" + token + "\"") + R"(}},"streamSid":"MZ1"})");
    const std::string silence(160, '\xff');
    for (int i = 0; i < early_frames; ++i) {
      add(bytes, R"({"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":")" +
                     std::to_string(i * 20) + R"(","payload":")" + crypto::to_base64(silence) +
                     R"("},"streamSid":"MZ1"})");
    }
    began_ = std::chrono::steady_clock::now();
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  ~Carrier() { ::close(fd_); }
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;

  // The time from our first byte to the first media message; the engine sends none before it has something to say.
  std::chrono::milliseconds first_media() {
    std::array<char, 16'384> part{};
    while (seen_.find(R"("event":"media")") == std::string::npos) {
      const auto count = ::recv(fd_, part.data(), part.size(), 0);
      if (count <= 0) {
        ADD_FAILURE() << "no media came: " << seen_;
        return std::chrono::hours(1);
      }
      seen_.append(part.data(), static_cast<std::size_t>(count));
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
  }

 private:
  static void add(std::string& bytes, std::string_view message) {
    const std::uint32_t mask = 0x1234abcd;
    net::append_frame(bytes, net::WsOpcode::text, message, &mask);
  }
  int fd_;
  std::string seen_;
  core::TimePoint began_;
};

TEST_F(ReadyServer, the_greeting_is_heard_at_once_and_no_early_sound_is_lost) {
  const auto call = announce();
  EXPECT_EQ(call.path, "/media/twilio/" + call.token);
  ASSERT_TRUE(eventually([&] { return vendors.ears.streams == 1 && vendors.voice.contexts == 1; }));
  std::this_thread::sleep_for(900ms);  // the voice's half second, and the transfer
  Carrier carrier(port_, call.path, call.token);
  const auto waited = carrier.first_media();
  RecordProperty("first_media_ms", static_cast<int>(waited.count()));
  EXPECT_LT(waited, 200ms) << "the voice itself would take 500 ms";
  EXPECT_TRUE(eventually([&] { return vendors.ears.samples >= std::int64_t{Carrier::early_frames} * 160; }))
      << "heard " << vendors.ears.samples;
  EXPECT_EQ(vendors.ears.streams, 1);
  EXPECT_EQ(vendors.voice.contexts, 1);
}

TEST_F(ReadyServer, every_call_runs_where_its_vendors_wait_whichever_worker_accepts_it) {
  constexpr int count = 8;
  std::vector<Announced> calls;
  calls.reserve(count);
  for (int i = 0; i < count; ++i) calls.push_back(announce());
  ASSERT_TRUE(eventually([&] { return vendors.ears.streams == count && vendors.voice.sockets == count; }));
  std::this_thread::sleep_for(900ms);
  std::vector<std::unique_ptr<Carrier>> carriers;
  carriers.reserve(count);
  for (const auto& call : calls) carriers.push_back(std::make_unique<Carrier>(port_, call.path, call.token));
  for (auto& carrier : carriers) EXPECT_LT(carrier->first_media(), 1s);
  EXPECT_EQ(server_->live_calls(), count);
  EXPECT_TRUE(eventually([&] { return vendors.ears.samples >= std::int64_t{count} * Carrier::early_frames * 160; }))
      << "heard " << vendors.ears.samples;
  EXPECT_EQ(vendors.ears.streams, count) << "a call on the wrong worker would have connected again";
  EXPECT_EQ(vendors.voice.contexts, 1) << "one greeting for all";
  carriers.clear();
  EXPECT_TRUE(eventually([&] { return server_->live_calls() == 0 && vendors.ears.connections() == 0; }));
}

TEST_F(ReadyServer, the_path_alone_names_the_call) {
  const auto call = announce();
  Carrier carrier(port_, call.path, "");
  EXPECT_LT(carrier.first_media(), 3s);
}

TEST_F(ReadyServer, the_parameter_alone_names_the_call) {
  const auto call = announce();
  Carrier carrier(port_, "/media/twilio", call.token);
  EXPECT_LT(carrier.first_media(), 3s);
}

}  // namespace
}  // namespace retell::app::test
