#include <thread>

#include "rig.hpp"

namespace retell::net::test {
namespace {

TEST(HttpServer, keeps_a_connection_for_many_requests_and_decodes_the_path) {
  Rig rig(mirror, echo);
  auto peer = RawPeer::connect(rig.port());
  peer.send("GET /v2/get/%2B55+1?a=b%20c HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto first = peer.read_answer();
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_TRUE(first.ends_with("GET /v2/get/+55+1?a=b%20c ")) << first;
  EXPECT_EQ(first.find("Connection: close"), std::string::npos);
  peer.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_TRUE(peer.read_answer().ends_with("POST /x? abcde"));
  peer.send("GET /z HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto last = peer.read_all();
  EXPECT_NE(last.find("Connection: close"), std::string::npos);
}

TEST(HttpServer, answers_pipelined_requests_in_order) {
  Rig rig(mirror, echo);
  auto peer = RawPeer::connect(rig.port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  }
  peer.send(all);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(peer.read_answer().ends_with("POST /" + std::to_string(i) + "? hi")) << i;
  }
}

TEST(HttpServer, sends_no_body_for_head) {
  Rig rig(mirror, echo);
  auto peer = RawPeer::connect(rig.port());
  peer.send("HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto answer = peer.read_all();
  EXPECT_NE(answer.find("Content-Length: 9"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpServer, refuses_what_is_too_large_or_malformed_in_the_error_shape) {
  HttpServerOptions options;
  options.max_body = 1000;
  options.max_header = 2000;
  Rig rig(mirror, echo, options);
  const auto answer_to = [&](const std::string& request) {
    auto peer = RawPeer::connect(rig.port());
    peer.send(request);
    return peer.read_all();
  };
  const auto large = answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  EXPECT_TRUE(large.starts_with("HTTP/1.1 413 ")) << large;
  EXPECT_NE(large.find("{\"status\":\"error\",\"message\":\""), std::string::npos);
  const auto chunked =
      answer_to("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x'));
  EXPECT_TRUE(chunked.starts_with("HTTP/1.1 413 ")) << chunked;
  EXPECT_TRUE(answer_to("GET / HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(answer_to("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(
      answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
          .starts_with("HTTP/1.1 400 "));
}

TEST(HttpServer, tells_a_client_that_first_writes_its_whole_body_why_it_refuses_it) {
  HttpServerOptions options;
  options.max_body = 1000;
  Rig rig(mirror, echo, options);
  constexpr std::size_t size = std::size_t{32} << 20;
  const std::string body(size, 'x');
  auto peer = RawPeer::connect(rig.port());
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
  EXPECT_TRUE(peer.send(body)) << "a client that fails here does not read the answer";
  const auto answer = peer.read_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_NE(answer.find("larger than 1000 bytes"), std::string::npos) << answer;
}

TEST(HttpServer, does_not_read_a_refused_body_for_ever) {
  HttpServerOptions options;
  options.max_body = 1000;
  Rig rig(mirror, echo, options);
  auto peer = RawPeer::connect(rig.port());
  const auto begin = std::chrono::steady_clock::now();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_TRUE(peer.read_answer().starts_with("HTTP/1.1 413 "));
  while (rig.server().connections() > 0 && std::chrono::steady_clock::now() - begin < 10s) {
    peer.send("x");
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(rig.server().connections(), 0U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(HttpServer, asks_for_the_body_of_an_expecting_client) {
  Rig rig(mirror, echo);
  auto peer = RawPeer::connect(rig.port());
  peer.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("body");
  EXPECT_TRUE(peer.read_answer().ends_with("POST /e? body"));
}

TEST(HttpServer, turns_an_exception_into_500_and_goes_on) {
  Rig rig([](HttpRequest, core::Worker&) -> Task<HttpResponse> { throw std::runtime_error("a bug"); }, echo);
  auto peer = RawPeer::connect(rig.port());
  for (int i = 0; i < 2; ++i) {
    peer.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = peer.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
    EXPECT_EQ(answer.find("a bug"), std::string::npos);
  }
}

TEST(HttpServer, drops_a_client_that_trickles_its_header) {
  HttpServerOptions options;
  options.header_timeout = 100ms;
  Rig rig(mirror, echo, options);
  auto peer = RawPeer::connect(rig.port());
  const auto begin = std::chrono::steady_clock::now();
  peer.send("GET / HTTP/1.1\r\nX: ");
  EXPECT_EQ(peer.read_all(), "");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 90ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(HttpServer, drops_an_idle_connection_after_the_idle_time) {
  HttpServerOptions options;
  options.idle_timeout = 100ms;
  Rig rig(mirror, echo, options);
  auto peer = RawPeer::connect(rig.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_FALSE(peer.read_answer().empty());
  EXPECT_EQ(peer.read_all(), "");
}

TEST(HttpServer, streams_an_answer_of_known_length) {
  Rig rig(
      [](HttpRequest, core::Worker&) -> Task<HttpResponse> {
        HttpResponse response;
        auto left = std::make_shared<int>(100);
        response.stream = HttpResponse::Stream{.length = 100'000, .reader = [left]() -> Task<Result<std::string>> {
                                                 if ((*left)-- == 0) co_return std::string();
                                                 co_return std::string(1000, 'x');
                                               }};
        co_return response;
      },
      echo);
  auto answer = rig.run(rig.client().send({.url = rig.url("/"), .reach = Reach::any}));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, std::string(100'000, 'x'));
}

TEST(HttpServer, a_header_value_cannot_smuggle_a_line) {
  Rig rig(
      [](HttpRequest, core::Worker&) -> Task<HttpResponse> {
        HttpResponse response;
        response.headers.add("X-Bad", "a\r\nSet-Cookie: b");
        co_return response;
      },
      echo);
  auto answer = rig.run(rig.client().send({.url = rig.url("/"), .reach = Reach::any}));
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->headers.has("Set-Cookie"));
}

TEST(HttpServer, deals_connections_to_the_worker_with_the_fewest_calls) {
  Rig rig(
      [](HttpRequest, core::Worker& worker) -> Task<HttpResponse> {
        HttpResponse response;
        response.body = std::to_string(worker.index());
        co_return response;
      },
      echo);
  rig.workers().at(0).load = 3;
  for (int i = 0; i < 4; ++i) {
    auto peer = RawPeer::connect(rig.port());
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(peer.read_answer().ends_with("\r\n\r\n1"));
  }
}

TEST(HttpServer, refuses_connections_beyond_its_limit) {
  HttpServerOptions options;
  options.max_connections = 1;
  Rig rig(mirror, echo, options);
  auto first = RawPeer::connect(rig.port());
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_FALSE(first.read_answer().empty());
  auto second = RawPeer::connect(rig.port());
  EXPECT_TRUE(second.read_all().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(rig.server().connections(), 1U);
}

TEST(HttpServer, stop_closes_idle_connections_and_lets_busy_ones_finish) {
  auto gate = std::make_shared<std::atomic<bool>>(false);
  Rig rig(
      [gate](HttpRequest request, core::Worker& worker) -> Task<HttpResponse> {
        core::asio::steady_timer timer(worker.context());
        gate->store(true);
        timer.expires_after(100ms);
        co_await timer.async_wait(core::asio::use_awaitable);
        HttpResponse response;
        response.body = request.path;
        co_return response;
      },
      echo);
  auto idle = RawPeer::connect(rig.port());
  auto busy = RawPeer::connect(rig.port());
  busy.send("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!gate->load()) std::this_thread::yield();
  rig.server().stop(5s);
  EXPECT_EQ(idle.read_all(), "");
  const auto answer = busy.read_all();
  EXPECT_TRUE(answer.ends_with("/busy")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST(HttpServer, names_host_and_port_when_it_cannot_listen) {
  Rig rig(mirror, echo);
  HttpServerOptions options;
  options.port = rig.port();
  HttpServer second(rig.workers(), options, mirror, echo, {});
  const auto started = second.start();
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().message.find("127.0.0.1:" + std::to_string(rig.port())), std::string::npos);
}

}  // namespace
}  // namespace retell::net::test
