// Real sockets: the simulated caller on one end, the bad agent or the Twilio transport on the other.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/race.hpp"
#include "net/http_server.hpp"
#include "simulator/bad_agent.hpp"
#include "simulator/caller.hpp"
#include "transports/twilio/stream_transport.hpp"

namespace retell::simulator {
namespace {

using namespace std::chrono_literals;
using core::Task;

std::vector<std::int16_t> tone(double seconds) {
  std::vector<std::int16_t> samples(static_cast<std::size_t>(seconds * line_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<std::int16_t>(
        std::lround(6000 * std::sin(2 * std::numbers::pi * 300 * static_cast<double>(i) / line_rate)));
  }
  return samples;
}

// One worker with a server whose every WebSocket is `session`, and a caller.
class Line {
 public:
  explicit Line(net::WebSocketSession session)
      : workers_(1),
        server_(
            workers_, {.port = 0},
            [](net::HttpRequest, core::Worker&) -> Task<net::HttpResponse> {
              co_return net::HttpResponse{.status = 404};
            },
            [session = std::move(session)](net::HttpRequest, core::Worker&) -> Task<net::UpgradeOutcome> {
              co_return session;
            },
            {}),
        client_(std::make_unique<net::Client>(workers_.at(0), net::ClientOptions{}, core::Logger{})) {
    workers_.start();
    port_ = server_.start().value();
  }
  ~Line() {
    stop();
    boost::asio::co_spawn(
        workers_.at(0).executor(),
        [](std::unique_ptr<net::Client> client) -> Task<void> { co_return client.reset(); }(std::move(client_)),
        boost::asio::use_future)
        .get();
    workers_.stop();
  }
  void stop() { server_.stop(10s); }  // when its sessions have ended
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  core::Result<Report> call(Script script, FarEndOptions far_end = {}) {
    Caller caller(*client_, {"ws://127.0.0.1:" + std::to_string(port_) + "/media", std::move(far_end), {}}, {});
    return boost::asio::co_spawn(workers_.at(0).executor(), caller.run(std::move(script)), boost::asio::use_future)
        .get();
  }

  // Connects, is silent, and tells how the server ended that.
  net::WebSocketClose say_nothing() {
    return boost::asio::co_spawn(workers_.at(0).executor(), wait_for_close(), boost::asio::use_future).get();
  }

 private:
  Task<net::WebSocketClose> wait_for_close() {
    net::ClientWebSocketRequest request;
    request.url = "ws://127.0.0.1:" + std::to_string(port_) + "/media";
    request.reach = net::Reach::any;
    auto socket = co_await client_->connect(std::move(request));
    co_return co_await socket.value().run([](std::string_view, bool) {});
  }

  core::WorkerPool workers_;
  net::HttpServer server_;
  std::unique_ptr<net::Client> client_;
  std::uint16_t port_ = 0;
};

TEST(Caller, measures_an_agent_without_fault_over_real_sockets) {
  Line line([](net::WebSocket socket, core::Worker&) { return serve_bad_agent(std::move(socket), Fault::none); });
  FarEndOptions options;
  options.agent_quiet = 300ms;
  const auto report = line.call({{When::after_agent, 0ms, Say{tone(0.5)}, "question"},
                                 {When::while_agent_speaks, 400ms, Say{tone(0.5)}, "interruption"},
                                 {When::at_once, 200ms, HangUp{}, ""}},
                                options);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  // The machine that runs the tests may stall; time is judged in virtual time.
  const Limits limits{.max_heard_ms = 60'000, .max_cut_ms = 60'000, .max_gaps = 1000, .max_drift = 1};
  const auto verdict = judge(*report, limits);
  for (const auto& check : verdict.checks) EXPECT_TRUE(check.passed) << check.name << ": " << check.detail;
  EXPECT_EQ(report->turns.size(), 1U);
  EXPECT_EQ(report->barge_ins.size(), 1U);
}

TEST(Caller, says_when_nobody_listens) {
  core::Worker worker(0);
  worker.start();
  net::Client client(worker, {}, {});
  Caller caller(client, {"ws://127.0.0.1:1/media", {}, {}}, {});
  const auto report = boost::asio::co_spawn(worker.executor(), caller.run({}), boost::asio::use_future).get();
  EXPECT_FALSE(report.has_value());
  worker.stop();
}

// Notes what a transport tells, and lets a test wait for it.
class Notes final : public engine::MediaTransport::Listener {
 public:
  void on_audio(const audio::AudioFrame& frame) override {
    ++frames;
    if (!frame.is_silent()) ++loud;
  }
  void on_mark(std::uint64_t id, bool cleared) override { marks.emplace_back(id, cleared); }
  void on_digit(char digit) override { digits += digit; }
  void on_closed(std::string_view error) override {
    ++closed;
    why = error;
  }
  int frames = 0;
  int loud = 0;
  int closed = 0;
  std::string why;
  std::string digits;
  std::vector<std::pair<std::uint64_t, bool>> marks;
};

template <class Condition>
Task<bool> until(Condition condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) co_return true;
    co_await core::sleep_for(10ms);
  }
  co_return false;
}

struct Seen {
  std::string token;
  Notes notes;
  bool all = false;
};

void send_seconds(engine::MediaTransport& transport, double seconds) {
  audio::Framer framer(line_rate);
  framer.push(tone(seconds), [&](const audio::AudioFrame& frame) { transport.send(frame); });
}

TEST(StreamTransport, hears_keys_marks_and_clears_and_plays_out_before_it_hangs_up) {
  Seen seen;
  Line line([&seen](net::WebSocket socket, core::Worker& worker) -> Task<void> {
    transports::twilio::StreamTransport transport(std::move(socket), worker.executor(), {}, {});
    const transports::twilio::StreamTransport::Handle handle = [&seen](const transports::twilio::StreamStart& start,
                                                                       engine::MediaTransport& media) -> Task<void> {
      auto& notes = seen.notes;
      seen.token = start.parameters.at("token");
      media.start(notes);
      send_seconds(media, 0.1);
      media.mark(1);
      bool good = co_await until([&] { return notes.marks.size() == 1; });
      send_seconds(media, 2);
      media.mark(2);
      media.clear();
      good = good && co_await until([&] { return notes.marks.size() == 2 && notes.digits == "5" && notes.loud > 10; });
      send_seconds(media, 0.3);
      media.hang_up();
      good = good && co_await until([&] { return notes.closed == 1; });
      seen.all = good;
    };
    co_await transport.serve(handle);
  });
  FarEndOptions options;
  options.parameters = {{"token", "one time"}};
  const auto report = line.call({{When::at_once, 100ms, Say{tone(0.4)}, "hello"},
                                 {When::at_once, 0ms, Press{'5'}, ""},
                                 {When::at_once, 8'000ms, HangUp{}, ""}},
                                options);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(seen.all);
  EXPECT_EQ(seen.token, "one time");
  const std::vector<std::pair<std::uint64_t, bool>> marks{{1, false}, {2, true}};
  EXPECT_EQ(seen.notes.marks, marks);
  EXPECT_EQ(seen.notes.why, "");
  EXPECT_EQ(report->ended_by, "agent");
  EXPECT_EQ(report->pacing.clears, 1U);
  EXPECT_EQ(report->bad_messages, 0U);
  // The last words were heard to their end: 100 ms and 300 ms are audible, the two seconds were cleared.
  const auto& heard = report->channels.agent;
  const auto audible = std::count_if(heard.begin(), heard.end(), [](auto sample) { return sample > 500; });
  EXPECT_GT(audible, 0.3 * line_rate * 0.4);
}

TEST(StreamTransport, tells_once_that_the_caller_hung_up) {
  Seen seen;
  Line line([&seen](net::WebSocket socket, core::Worker& worker) -> Task<void> {
    transports::twilio::StreamTransport transport(std::move(socket), worker.executor(), {}, {});
    const transports::twilio::StreamTransport::Handle handle = [&seen](const transports::twilio::StreamStart&,
                                                                       engine::MediaTransport& media) -> Task<void> {
      media.start(seen.notes);
      seen.all = co_await until([&] { return seen.notes.closed > 0; });
      co_await core::sleep_for(50ms);
    };
    co_await transport.serve(handle);
  });
  const auto report = line.call({{When::at_once, 200ms, HangUp{}, ""}});
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->ended_by, "caller");
  line.stop();  // the session notes it a moment after the caller's end
  EXPECT_EQ(seen.notes.closed, 1);
  EXPECT_EQ(seen.notes.why, "");
  EXPECT_GT(seen.notes.frames, 5);
}

TEST(StreamTransport, a_connection_that_names_no_call_is_closed) {
  bool handled = false;
  Line line([&handled](net::WebSocket socket, core::Worker& worker) -> Task<void> {
    transports::SocketLimits limits;
    limits.introduction = 50ms;
    transports::twilio::StreamTransport transport(std::move(socket), worker.executor(), limits, {});
    const transports::twilio::StreamTransport::Handle handle = [&handled](const transports::twilio::StreamStart&,
                                                                          engine::MediaTransport&) -> Task<void> {
      handled = true;
      co_return;
    };
    co_await transport.serve(handle);
  });
  EXPECT_EQ(line.say_nothing().code, 1000);
  EXPECT_FALSE(handled);
}

}  // namespace
}  // namespace retell::simulator
