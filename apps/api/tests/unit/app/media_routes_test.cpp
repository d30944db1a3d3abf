// How often the database is asked for the call of a media connection, and what is shown of another process's call.
#include "app/media_routes.hpp"

#include <boost/asio/detached.hpp>

#include <atomic>

#include "host_rig.hpp"
#include "services/call_arrangement.hpp"
#include "unit/api/endpoints.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;

// Counts the questions by a call's id alone, which a media connection's token leads to.
class CountingDatabase final : public storage::Database {
 public:
  explicit CountingDatabase(storage::Database& inner) : inner_(inner) {}
  [[nodiscard]] storage::Dialect dialect() const override { return inner_.dialect(); }
  [[nodiscard]] core::Task<core::Result<storage::Rows>> query(storage::Statement statement) override {
    if (statement.sql.ends_with("FROM calls WHERE call_id = $1")) ++lookups;
    return inner_.query(std::move(statement));
  }
  [[nodiscard]] core::Task<core::Result<storage::Rows>> execute(storage::Statement statement) override {
    return inner_.execute(std::move(statement));
  }
  [[nodiscard]] core::Task<core::Result<std::vector<storage::Rows>>> transaction(
      std::vector<storage::Statement> statements) override {
    return inner_.transaction(std::move(statements));
  }
  [[nodiscard]] core::Task<core::Result<bool>> script(storage::Script script) override {
    return inner_.script(std::move(script));
  }
  std::atomic<int> lookups{0};

 private:
  storage::Database& inner_;
};

class MediaLookups : public api::EndpointsOn {
 protected:
  template <class F>
  auto on_client(F body) {
    return boost::asio::co_spawn(client_worker_.executor(), body(), boost::asio::use_future).get();
  }
  MediaLookups() : EndpointsOn(storage::Dialect::sqlite) {
    media_.add_to(router);
    port_ = server_.start().value();
    client_worker_.start();
    on_client([this]() -> core::Task<bool> {
      client_.emplace(client_worker_, net::ClientOptions{}, core::Logger());
      co_return true;
    });
  }
  ~MediaLookups() override {
    server_.stop(0ms);
    client_worker_.stop();
    client_.reset();
  }
  // Opens a media connection, says something first, and gives how often the call was looked for until it was closed.
  int lookups(const std::string& path, const std::string& first) {
    counted_.lookups = 0;
    on_client([&]() -> core::Task<bool> {
      net::ClientWebSocketRequest request;
      request.url = "ws://127.0.0.1:" + std::to_string(port_) + path;
      request.reach = net::Reach::any;
      auto socket = co_await client_->connect(std::move(request));
      EXPECT_TRUE(socket.has_value()) << socket.error().message;
      if (!socket) co_return false;
      socket->send_text(first);
      (void)co_await socket->run([](std::string_view, bool) {});
      co_return true;
    });
    return counted_.lookups;
  }
  static std::string start(const std::string& parameters) {
    return R"({"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1",)"
           R"("tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},)"
           R"("customParameters":{)" +
           parameters + R"(}},"streamSid":"MZ1"})";
  }

  CountingDatabase counted_{*database};
  test::HostRig rig_;
  Launcher app_launcher_{*rig_.host, rig_.workers.at(0)};
  services::CallService media_calls_{{counted_, agents, llms, EndpointsOn::voices, keys, numbers, webhooks, recordings,
                                      app_launcher_, config, clock, workspaces, inbound, registry, "node_1", "secret"},
                                     rig_.workers.at(0).executor(),
                                     {}};
  MediaRoutes media_{{config,
                      "http://localhost",
                      *rig_.host,
                      app_launcher_,
                      media_calls_,
                      agents,
                      keys,
                      rig_.workers,
                      organization,
                      "secret",
                      {}}};
  net::HttpServerOptions options_ = {.port = 0};
  net::HttpServer server_{
      rig_.workers,
      options_,
      [this](net::HttpRequest request, core::Worker& here) { return router.handle(std::move(request), here); },
      [this](net::HttpRequest request, core::Worker& here) { return router.handle_upgrade(std::move(request), here); },
      {}};
  std::uint16_t port_ = 0;
  core::Worker client_worker_{9};
  std::optional<net::Client> client_;
};

TEST_F(MediaLookups, look_once_for_a_token_that_nobody_knows) {
  const auto token = services::make_media_token("call_unknown");
  const auto named = R"("token":")" + token + "\"";
  EXPECT_EQ(lookups(stream_path + "/" + token, start(named)), 1);
  EXPECT_EQ(lookups(stream_path + "/" + token, start("")), 1);
  EXPECT_EQ(lookups(stream_path, start(named)), 1) << "the path does not name it";
  EXPECT_EQ(lookups(registered_path + "/call_unknown", start("")), 1);
  EXPECT_EQ(lookups(page_media_path + "/" + token, R"({"access_token":")" + token + R"(.proof"})"), 1);
  EXPECT_EQ(lookups(page_media_path, R"({"access_token":")" + token + R"(.proof"})"), 1);
}

TEST_F(MediaLookups, look_for_the_token_that_is_shown_when_the_path_names_another) {
  const auto shown = services::make_media_token("call_shown");
  const auto path = stream_path + "/" + services::make_media_token("call_path");
  EXPECT_EQ(lookups(path, start(R"("token":")" + shown + "\"")), 2);
}

TEST_F(MediaLookups, show_a_call_that_another_process_holds_to_whoever_watches_it) {
  storage::CallStore records(*database);
  storage::StoredCall stored;
  stored.organization_id = organization;
  stored.node_id = "node_2";
  stored.call.call_id = "call_1";
  stored.call.agent_id = "agent_1";
  stored.call.call_status = domain::CallStatus::ongoing;
  ASSERT_TRUE(run(records.insert(stored)));
  const auto line = [](const char* role, const char* content) {
    return json::Object{{"role", role}, {"content", content}, {"words", json::Array{}}};
  };
  std::vector<std::string> shown;
  const auto watch = [&]() -> core::Task<bool> {
    net::ClientWebSocketRequest request;
    request.url = "ws://127.0.0.1:" + std::to_string(port_) + "/simulated-call/call_1/live";
    request.headers.set("Authorization", "Bearer " + key);
    request.reach = net::Reach::any;
    auto socket = co_await client_->connect(std::move(request));
    EXPECT_TRUE(socket.has_value()) << socket.error().message;
    if (!socket) co_return false;
    (void)co_await socket->run([&](std::string_view message, bool) {
      shown.emplace_back(message);
      // The other process writes on.
      if (shown.size() == 1) {
        stored.call.transcript_with_tool_calls->push_back(line("user", "Hi!"));
      } else {
        stored.call.call_status = domain::CallStatus::ended;
        stored.call.disconnection_reason = domain::DisconnectionReason::user_hangup;
      }
      if (shown.size() < 3) {
        core::asio::co_spawn(client_worker_.executor(), records.update(stored), core::asio::detached);
      } else {
        socket->close();
      }
    });
    co_return true;
  };
  stored.call.transcript_with_tool_calls = json::Array{line("agent", "Hello.")};
  ASSERT_TRUE(run(records.update(stored)));
  ASSERT_TRUE(on_client(watch));
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown[0], R"({"type":"transcript","transcript":[{"role":"agent","content":"Hello."}]})");
  EXPECT_EQ(shown[1], R"({"type":"transcript","transcript":[{"role":"agent","content":"Hello."},)"
                      R"({"role":"user","content":"Hi!"}]})");
  EXPECT_EQ(shown[2], R"({"type":"ended","reason":"user_hangup"})");
}

}  // namespace
}  // namespace retell::app
