#include "core/race.hpp"
#include "net/ws_frames.hpp"
#include "rig.hpp"

namespace retell::net::test {
namespace {

constexpr std::string_view handshake =
    "GET /media HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

std::string client_frame(WsOpcode opcode, std::string_view payload) {
  std::string out;
  const std::uint32_t mask = 0x5a17c3e9;
  append_frame(out, opcode, payload, &mask);
  return out;
}

// Gives every WebSocket to `session`.
UpgradeHandler always(WebSocketSession session) {
  return [session](HttpRequest, core::Worker&) -> Task<UpgradeOutcome> { co_return session; };
}

ClientWebSocketRequest to(const Rig& rig, std::string_view path = "/") {
  return {.url = rig.url(path, "ws"), .reach = Reach::any};
}

TEST(WebSocket, accepts_an_upgrade_and_echoes) {
  Rig rig(mirror, echo);
  auto peer = RawPeer::connect(rig.port());
  peer.send(std::string(handshake) + client_frame(WsOpcode::text, "early"));  // a frame right behind the request
  const auto head = peer.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << head;
  EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
  EXPECT_EQ(peer.read_exactly(7),
            "\x81\x05"
            "early");
  peer.send(client_frame(WsOpcode::ping, "p"));
  EXPECT_EQ(peer.read_exactly(3), "\x8a\x01p");
  peer.send(client_frame(WsOpcode::close, close_payload(1001, "bye")));
  EXPECT_EQ(peer.read_all(), std::string("\x88\x02\x03\xe9", 4));
}

TEST(WebSocket, an_upgrade_is_refused_with_the_handlers_answer) {
  Rig rig(mirror, [](HttpRequest request, core::Worker&) -> Task<UpgradeOutcome> {
    co_return HttpResponse{.status = request.path == "/media" ? 401U : 404U, .body = "no"};
  });
  auto peer = RawPeer::connect(rig.port());
  peer.send(handshake);
  EXPECT_TRUE(peer.read_all().starts_with("HTTP/1.1 401 "));
  const auto refused = rig.run(rig.client().connect(to(rig, "/other")));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, core::ErrorCode::not_found);
}

TEST(WebSocket, a_wrong_version_is_told_the_right_one) {
  Rig rig(mirror, echo);
  auto peer = RawPeer::connect(rig.port());
  peer.send(
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n"
      "Sec-WebSocket-Version: 8\r\n\r\n");
  const auto answer = peer.read_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 426 ")) << answer;
  EXPECT_NE(answer.find("Sec-WebSocket-Version: 13"), std::string::npos);
}

struct EchoSums {
  int messages = 0;
  std::size_t bytes = 0;
  bool in_order = true;
  WebSocketClose close;
};

Task<EchoSums> send_and_count(Client& client, ClientWebSocketRequest request, int count) {
  EchoSums sums;
  auto socket = co_await client.connect(std::move(request));
  if (!socket) co_return sums;
  for (int i = 0; i < count; ++i) {
    socket->send_text(std::to_string(i) + ":" + std::string(static_cast<std::size_t>(i) * 3, 'x'));
  }
  sums.close = co_await socket->run([&](std::string_view data, bool) {
    sums.in_order = sums.in_order && data.starts_with(std::to_string(sums.messages) + ":");
    ++sums.messages;
    sums.bytes += data.size();
    if (sums.messages == count) socket->close(1000, "done");
  });
  co_return sums;
}

TEST(WebSocket, carries_a_thousand_messages_both_ways_in_order) {
  Rig rig(mirror, echo);
  const auto sums = rig.run(send_and_count(rig.client(), to(rig), 1000));
  EXPECT_EQ(sums.messages, 1000);
  EXPECT_TRUE(sums.in_order);
  EXPECT_GT(sums.bytes, std::size_t{1'490'000});
  EXPECT_EQ(sums.close.code, 1000);
}

TEST(WebSocket, the_closing_side_and_the_closed_side_see_code_and_reason) {
  auto seen = std::make_shared<std::promise<WebSocketClose>>();
  auto future = seen->get_future();
  Rig rig(mirror, always([seen](WebSocket socket, core::Worker&) -> Task<void> {
            seen->set_value(co_await socket.run([](std::string_view, bool) {}));
          }));
  const auto closed = rig.run([](Client& client, ClientWebSocketRequest request) -> Task<WebSocketClose> {
    auto socket = co_await client.connect(std::move(request));
    socket->close(4001, "tchau");
    EXPECT_FALSE(socket->send_text("late"));
    EXPECT_FALSE(socket->open());
    co_return co_await socket->run([](std::string_view, bool) {});
  }(rig.client(), to(rig)));
  EXPECT_EQ(closed.code, 4001);
  const auto server_saw = future.get();
  EXPECT_EQ(server_saw.code, 4001);
  EXPECT_EQ(server_saw.reason, "tchau");
}

TEST(WebSocket, queued_messages_arrive_before_the_close) {
  Rig rig(mirror, always([](WebSocket socket, core::Worker&) -> Task<void> {
            for (int i = 0; i < 50; ++i) socket.send_binary(std::string(50'000, 'b'));
            socket.close(1000);
            co_await socket.run([](std::string_view, bool) {});
          }));
  std::size_t bytes = 0;
  const auto closed =
      rig.run([](Client& client, ClientWebSocketRequest request, std::size_t& sum) -> Task<WebSocketClose> {
        auto socket = co_await client.connect(std::move(request));
        co_return co_await socket->run([&](std::string_view data, bool binary) { sum += binary ? data.size() : 0; });
      }(rig.client(), to(rig), bytes));
  EXPECT_EQ(bytes, 2'500'000U);
  EXPECT_EQ(closed.code, 1000);
}

TEST(WebSocket, a_peer_that_does_not_answer_the_close_is_dropped) {
  Rig rig(mirror, always([](WebSocket socket, core::Worker&) -> Task<void> {
            socket.close(1001, "restart");
            const auto closed = co_await socket.run([](std::string_view, bool) {});
            EXPECT_EQ(closed.code, 1006);
          }));
  auto peer = RawPeer::connect(rig.port());
  peer.send(handshake);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(peer.read_all().ends_with(std::string("\x88\x09\x03\xe9restart", 11)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1900ms);
}

TEST(WebSocket, a_silent_peer_is_pinged_then_dropped) {
  HttpServerOptions options;
  options.websocket.ping_after = 100ms;
  auto ended = std::make_shared<std::promise<WebSocketClose>>();
  auto future = ended->get_future();
  Rig rig(mirror, always([ended](WebSocket socket, core::Worker&) -> Task<void> {
            ended->set_value(co_await socket.run([](std::string_view, bool) {}));
          }),
          options);
  auto peer = RawPeer::connect(rig.port());
  peer.send(handshake);
  peer.read_until("\r\n\r\n");
  EXPECT_EQ(peer.read_exactly(2), std::string("\x89\x00", 2));
  ASSERT_EQ(future.wait_for(5s), std::future_status::ready);  // the socket is open still, but nobody answers
  EXPECT_EQ(future.get().code, 1006);
}

TEST(WebSocket, a_peer_that_answers_pings_stays) {
  HttpServerOptions options;
  options.websocket.ping_after = 50ms;
  Rig rig(mirror, echo, options);
  const auto open = rig.run([](Client& client, ClientWebSocketRequest request) -> Task<bool> {
    auto socket = co_await client.connect(std::move(request));
    core::asio::steady_timer timer(client.worker().context());
    timer.expires_after(400ms);
    timer.async_wait([&](boost::system::error_code) { socket->close(); });
    const auto closed = co_await socket->run([](std::string_view, bool) {});
    co_return closed.code == 1000;
  }(rig.client(), to(rig)));
  EXPECT_TRUE(open);
}

TEST(WebSocket, a_vanished_peer_ends_the_session) {
  auto ended = std::make_shared<std::promise<WebSocketClose>>();
  auto future = ended->get_future();
  Rig rig(mirror, always([ended](WebSocket socket, core::Worker&) -> Task<void> {
            ended->set_value(co_await socket.run([](std::string_view, bool) {}));
          }));
  {
    auto peer = RawPeer::connect(rig.port());
    peer.send(handshake);
    peer.read_until("\r\n\r\n");
  }
  ASSERT_EQ(future.wait_for(5s), std::future_status::ready);
  EXPECT_EQ(future.get().code, 1006);
}

TEST(WebSocket, refuses_a_message_when_its_queue_is_full) {
  HttpServerOptions options;
  options.websocket.max_queued = 100'000;
  auto result = std::make_shared<std::promise<std::pair<int, std::size_t>>>();
  auto future = result->get_future();
  Rig rig(mirror, always([result](WebSocket socket, core::Worker&) -> Task<void> {
            int sent = 0;
            while (sent < 10'000 && socket.send_binary(std::string(10'000, 'q'))) ++sent;
            result->set_value({sent, socket.queued_bytes()});
            co_return;
          }),
          options);
  auto peer = RawPeer::connect(rig.port());
  peer.send(handshake);  // and never read: the kernel's buffers fill, then ours
  const auto [sent, queued] = future.get();
  EXPECT_LT(sent, 10'000);
  EXPECT_GT(queued, 80'000U);
  EXPECT_LE(queued, 100'000U);
}

TEST(WebSocket, closes_with_1009_on_a_message_that_is_too_long) {
  HttpServerOptions options;
  options.websocket.max_message = 1000;
  Rig rig(mirror, echo, options);
  const auto closed = rig.run([](Client& client, ClientWebSocketRequest request) -> Task<WebSocketClose> {
    auto socket = co_await client.connect(std::move(request));
    socket->send_text(std::string(1001, 'x'));
    co_return co_await socket->run([](std::string_view, bool) {});
  }(rig.client(), to(rig)));
  EXPECT_EQ(closed.code, 1009);
}

TEST(WebSocket, an_exception_in_the_reader_comes_out_of_run) {
  Rig rig(mirror, echo);
  const auto thrown = rig.run([](Client& client, ClientWebSocketRequest request) -> Task<bool> {
    auto socket = co_await client.connect(std::move(request));
    socket->send_text("x");
    try {
      co_await socket->run([](std::string_view, bool) { throw std::runtime_error("a bug"); });
    } catch (const std::runtime_error&) {
      co_return true;
    }
    co_return false;
  }(rig.client(), to(rig)));
  EXPECT_TRUE(thrown);
}

TEST(WebSocket, cancelling_run_drops_the_connection) {
  auto ended = std::make_shared<std::promise<WebSocketClose>>();
  auto future = ended->get_future();
  Rig rig(mirror, always([ended](WebSocket socket, core::Worker&) -> Task<void> {
            ended->set_value(co_await socket.run([](std::string_view, bool) {}));
          }));
  const auto finished = rig.run([](Client& client, ClientWebSocketRequest request) -> Task<bool> {
    auto socket = co_await client.connect(std::move(request));
    core::TaskGroup group(client.worker().executor());
    group.spawn("reader", [](WebSocket& ws) -> Task<void> { co_await ws.run([](std::string_view, bool) {}); }(*socket));
    core::asio::steady_timer timer(client.worker().context());
    timer.expires_after(20ms);
    co_await timer.async_wait(core::asio::use_awaitable);
    group.cancel();
    co_await group.join();
    co_return !socket->open() && group.failures() == 0;
  }(rig.client(), to(rig)));
  EXPECT_TRUE(finished);
  ASSERT_EQ(future.wait_for(5s), std::future_status::ready);
  EXPECT_EQ(future.get().code, 1006);
}

TEST(WebSocket, stop_tells_sessions_that_they_may_go_elsewhere) {
  std::promise<WebSocketClose> ended;
  Rig rig(mirror, always([&ended](WebSocket socket, core::Worker&) -> Task<void> {
            ended.set_value(co_await socket.run([](std::string_view, bool) {}));
          }));
  auto peer = RawPeer::connect(rig.port());
  peer.send(handshake);
  peer.read_until("\r\n\r\n");
  auto stopping = std::async(std::launch::async, [&rig] { rig.server().stop(5s); });
  EXPECT_EQ(peer.read_exactly(going_away_frame().size()), going_away_frame());
  const auto begin = std::chrono::steady_clock::now();
  peer.send(client_frame(WsOpcode::close, close_payload(ws_close::going_away, {})));
  EXPECT_EQ(peer.read_all(), "");
  stopping.get();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s) << "nobody is waited for who has gone";
  auto how = ended.get_future();
  ASSERT_EQ(how.wait_for(5s), std::future_status::ready);
  EXPECT_EQ(how.get().code, ws_close::going_away);
}

TEST(WebSocket, stop_tells_a_session_that_had_not_yet_begun) {
  std::promise<void> asked;
  Rig rig(mirror, [&asked](HttpRequest request, core::Worker& worker) -> Task<UpgradeOutcome> {
    asked.set_value();
    co_await core::sleep_for(200ms);  // while it thinks, the server stops
    co_return co_await echo(std::move(request), worker);
  });
  auto peer = RawPeer::connect(rig.port());
  peer.send(handshake);
  asked.get_future().wait();
  rig.server().stop(1s);
  peer.read_until("\r\n\r\n");
  EXPECT_EQ(peer.read_all(), going_away_frame());
}

TEST(WebSocket, stop_drops_sessions_that_outstay_the_grace) {
  Rig rig(mirror, echo);
  auto peer = RawPeer::connect(rig.port());
  peer.send(handshake);
  peer.read_until("\r\n\r\n");
  const auto begin = std::chrono::steady_clock::now();
  rig.server().stop(50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_EQ(peer.read_all(), going_away_frame()) << "it is told, and dropped when it does not answer";
  EXPECT_EQ(rig.server().connections(), 0U);
}

}  // namespace
}  // namespace retell::net::test
