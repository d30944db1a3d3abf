#include "rig.hpp"

namespace retell::net::test {
namespace {

ClientRequest get(std::uint16_t port, std::string_view path = "/") {
  return {.url = "http://127.0.0.1:" + std::to_string(port) + std::string(path), .reach = Reach::any};
}

TEST(Client, sends_and_reads_a_whole_answer) {
  Rig rig(mirror, echo);
  const auto answer = rig.run(
      rig.client().send({.method = "POST", .url = rig.url("/a%20b?q=1"), .body = "hello", .reach = Reach::any}));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "POST /a b?q=1 hello");
  EXPECT_EQ(answer->headers.get("content-type"), "text/plain");
}

TEST(Client, uses_one_connection_for_requests_in_turn) {
  Rig rig(mirror, echo);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(rig.run(rig.client().send(get(rig.port()))).has_value());
  EXPECT_EQ(rig.server().connections(), 1U);
}

TEST(Client, warming_leaves_a_connection_ready) {
  RawListener server;
  Rig rig(mirror, echo);
  ASSERT_TRUE(rig.run(rig.client().warm("http://127.0.0.1:" + std::to_string(server.port()), Reach::any)).has_value());
  auto peer = server.accept();
  std::thread other([&] {
    EXPECT_FALSE(peer.read_until("\r\n\r\n").empty());
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  const auto answer = rig.run(rig.client().send(get(server.port())));
  other.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 204U);
}

TEST(Client, retries_once_when_a_kept_connection_turns_out_dead) {
  RawListener server;
  Rig rig(mirror, echo);
  std::thread other([&] {
    {
      auto first = server.accept();
      first.read_until("\r\n\r\n");
      first.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
      first.read_until("\r\n\r\n");  // the second request arrives, and dies with the connection
    }
    auto second = server.accept();
    second.read_until("\r\n\r\n");
    second.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
  });
  EXPECT_EQ(rig.run(rig.client().send(get(server.port())))->body, "1");
  const auto again = rig.run(rig.client().send(get(server.port())));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->body, "2");
  other.join();
}

// Buying something, for one: whoever asked would otherwise have it twice.
TEST(Client, sends_what_closes_its_connection_once) {
  RawListener server;
  Rig rig(mirror, echo);
  auto closing = get(server.port());
  closing.headers.set("Connection", "close");
  std::thread other([&] {
    auto kept = server.accept();
    kept.read_until("\r\n\r\n");
    kept.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    server.accept().read_until("\r\n\r\n");  // and dies with its connection
  });
  EXPECT_EQ(rig.run(rig.client().send(get(server.port())))->body, "1");
  const auto lost = rig.run(rig.client().send(closing));
  other.join();
  ASSERT_FALSE(lost.has_value()) << "it came on a connection of its own, and did not come again";
  EXPECT_EQ(lost.error().code, core::ErrorCode::io);
}

TEST(Client, says_when_nothing_was_sent_of_what_is_sent_once) {
  std::uint16_t closed = 0;
  {
    const RawListener server;
    closed = server.port();
  }
  Rig rig(mirror, echo);
  auto request = get(closed);
  EXPECT_EQ(rig.run(rig.client().send(request)).error().code, core::ErrorCode::io);
  request.headers.set("Connection", "close");
  EXPECT_EQ(rig.run(rig.client().send(request)).error().code, core::ErrorCode::unavailable);
}

TEST(Client, a_fresh_connection_that_dies_is_an_error) {
  RawListener server;
  Rig rig(mirror, echo);
  std::thread other([&] { server.accept().read_until("\r\n\r\n"); });
  const auto answer = rig.run(rig.client().send(get(server.port())));
  other.join();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, core::ErrorCode::io);
}

TEST(Client, gives_a_chunked_body_as_it_comes) {
  RawListener server;
  Rig rig(mirror, echo);
  std::promise<void> first_seen;
  std::thread other([&] {
    auto peer = server.accept();
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    first_seen.get_future().wait();
    peer.send("6\r\nsec");
    peer.send("ond\r\n0\r\n\r\n");
  });
  const auto parts = rig.run([](Client& client, ClientRequest request, std::promise<void>& seen) -> Task<std::string> {
    auto stream = co_await client.open(std::move(request));
    if (!stream) co_return stream.error().message;
    std::string all = *co_await stream->read() + "|";
    seen.set_value();
    for (;;) {
      const auto part = co_await stream->read();
      if (!part) co_return part.error().message;
      if (part->empty()) co_return all;
      all += *part;
    }
  }(rig.client(), get(server.port()), first_seen));
  EXPECT_EQ(parts, "first|second");
  other.join();
}

TEST(Client, times_out_on_a_silent_server_and_between_parts) {
  RawListener server;
  Rig rig(mirror, echo);
  auto request = get(server.port());
  request.first_byte_timeout = 50ms;
  const auto silent = rig.run(rig.client().send(request));
  ASSERT_FALSE(silent.has_value());
  EXPECT_EQ(silent.error().code, core::ErrorCode::timeout);
  {
    const auto dropped = server.accept();
  }

  std::thread other([&] {
    auto peer = server.accept();
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    peer.read_all();
  });
  request.first_byte_timeout = 5s;
  request.idle_timeout = 50ms;
  const auto stuck = rig.run(rig.client().send(request));
  other.join();  // the client has dropped the connection
  ASSERT_FALSE(stuck.has_value());
  EXPECT_EQ(stuck.error().code, core::ErrorCode::timeout);
}

TEST(Client, an_answer_larger_than_allowed_is_refused) {
  Rig rig(mirror, echo);
  auto request = get(rig.port());
  request.max_body = 5;
  const auto answer = rig.run(rig.client().send(request));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, core::ErrorCode::too_large);
}

TEST(Client, a_customers_url_may_not_lead_inside) {
  Rig rig(mirror, echo);
  for (const auto* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254",
                           "10.0.0.1", "2130706433", "0x7f.1"}) {
    const auto url = "http://" + std::string(host) + ":" + std::to_string(rig.port()) + "/";
    const auto answer = rig.run(rig.client().send({.url = url, .connect_timeout = 500ms}));
    ASSERT_FALSE(answer.has_value()) << host;
    EXPECT_NE(answer.error().code, core::ErrorCode::io) << host << ": " << answer.error().message;
  }
  EXPECT_EQ(rig.run(rig.client().send({.url = rig.url("/")})).error().code, core::ErrorCode::forbidden);
  EXPECT_EQ(rig.run(rig.client().connect({.url = rig.url("/", "ws")})).error().code, core::ErrorCode::forbidden);
  EXPECT_EQ(rig.server().connections(), 0U);
}

TEST(Client, a_connection_opened_for_the_operator_is_not_lent_to_customers) {
  Rig rig(mirror, echo);
  ASSERT_TRUE(rig.run(rig.client().send(get(rig.port()))).has_value());
  EXPECT_EQ(rig.run(rig.client().send({.url = rig.url("/")})).error().code, core::ErrorCode::forbidden);
}

TEST(Client, dropping_a_stream_drops_its_connection) {
  RawListener server;
  Rig rig(mirror, echo);
  std::thread other([&] {
    auto peer = server.accept();
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    peer.read_all();  // ends only when the client lets go
  });
  const auto status = rig.run([](Client& client, ClientRequest request) -> Task<unsigned> {
    auto stream = co_await client.open(std::move(request));
    co_return stream ? stream->status() : 0U;
  }(rig.client(), get(server.port())));
  EXPECT_EQ(status, 200U);
  other.join();
}

TEST(Client, cancelling_a_request_drops_its_connection) {
  RawListener server;
  Rig rig(mirror, echo);
  std::thread other([&] {
    auto peer = server.accept();
    peer.read_until("\r\n\r\n");
    peer.read_all();
  });
  const auto failures = rig.run([](Client& client, ClientRequest request) -> Task<std::size_t> {
    core::TaskGroup group(client.worker().executor());
    group.spawn("request", [](Client& c, ClientRequest r) -> Task<void> {
      const auto never = co_await c.send(std::move(r));
      EXPECT_FALSE(never.has_value()) << "the request went on";
    }(client, std::move(request)));
    core::asio::steady_timer timer(client.worker().context());
    timer.expires_after(50ms);
    co_await timer.async_wait(core::asio::use_awaitable);
    group.cancel();
    co_await group.join();
    co_return group.failures();
  }(rig.client(), get(server.port())));
  EXPECT_EQ(failures, 0U);
  other.join();
}

TEST(Client, a_name_that_does_not_exist_is_named) {
  Rig rig(mirror, echo);
  const auto answer = rig.run(rig.client().send({.url = "http://no-such-host.invalid/", .reach = Reach::any}));
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().message.find("no-such-host.invalid"), std::string::npos);
}

}  // namespace
}  // namespace retell::net::test
