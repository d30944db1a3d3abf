#include <gtest/gtest.h>

#include "net/address.hpp"
#include "net/http_message.hpp"
#include "net/http_parser.hpp"
#include "net/sse.hpp"
#include "net/url.hpp"
#include "net/websocket_handshake.hpp"
#include "net/ws_frames.hpp"

namespace retell::net {
namespace {

TEST(Headers, compare_names_without_case_and_keep_repeats) {
  Headers headers{{"Set-Cookie", "a"}, {"set-cookie", "b"}};
  EXPECT_EQ(headers.get("SET-COOKIE"), "a");
  headers.set("Set-Cookie", "c");
  EXPECT_EQ(headers.all().size(), 1U);
  EXPECT_FALSE(headers.has("Cookie"));
}

TEST(Form, decodes_pairs_in_order_and_keeps_broken_escapes) {
  const auto pairs = parse_form("From=%2B5511&To=a+b&&x=%zz&flag&last=%4");
  ASSERT_EQ(pairs.size(), 5U);
  EXPECT_EQ(pairs[0], std::pair(std::string("From"), std::string("+5511")));
  EXPECT_EQ(pairs[1].second, "a b");
  EXPECT_EQ(pairs[2].second, "%zz");
  EXPECT_EQ(pairs[3], std::pair(std::string("flag"), std::string()));
  EXPECT_EQ(pairs[4].second, "%4");
  EXPECT_EQ(parse_form("a&b&c", 2).size(), 2U);
}

TEST(Form, finds_a_query_value) {
  EXPECT_EQ(query_value("a=1&b=x%20y+z", "b"), "x y z");
  EXPECT_EQ(query_value("a=1", "b"), std::nullopt);
}

TEST(Percent, leaves_plus_alone_in_paths_and_round_trips) {
  EXPECT_EQ(percent_decode("/call/+55%2041", false), "/call/+55 41");
  const std::string every = "a/b c\xc3\xa9~-_.%";
  EXPECT_EQ(percent_decode(percent_encode(every), false), every);
}

TEST(Url, splits_what_a_client_needs) {
  const auto url = parse_url("WSS://User:p%40ss@Example.COM:8443/a%20b?x=1&y#frag");
  ASSERT_TRUE(url.has_value());
  EXPECT_TRUE(url->tls);
  EXPECT_TRUE(url->websocket);
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a%20b?x=1&y");
  EXPECT_EQ(url->user_info, "User:p@ss");
  EXPECT_EQ(url->host_header(), "example.com:8443");
}

TEST(Url, knows_ipv6_and_default_ports) {
  const auto url = parse_url("http://[::1]");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->target, "/");
  EXPECT_EQ(url->host_header(), "[::1]");
}

TEST(Url, refuses_what_is_not_a_web_address) {
  for (const auto* text : {"", "example.com", "/path", "ftp://a/", "http:///x", "http://a:0/", "http://a:70000/",
                           "http://a:99999/", "http://a b/", "file:///etc/passwd", "http://a%0d%0ab/"}) {
    EXPECT_FALSE(parse_url(text).has_value()) << text;
  }
}

TEST(Address, only_hosts_of_the_public_internet_are_public) {
  const auto is = [](const char* text) { return is_public(boost::asio::ip::make_address(text)); };
  for (const auto* text :
       {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.167.1.1",
        "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_TRUE(is(text)) << text;
  }
  for (const auto* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "127.0.0.1",
                           "127.255.255.254",
                           "100.64.0.1",
                           "100.127.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "168.63.129.16",
                           "::",
                           "::1",
                           "::ffff:8.8.8.8",
                           "::ffff:127.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::808:808",
                           "2002:7f00:1::1",
                           "2002:a00:1::",
                           "2001::1",
                           "2001:db8::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "ff02::1",
                           "100::1",
                           "3fff::1",
                           "5f00::1"}) {
    EXPECT_FALSE(is(text)) << text;
  }
}

using Events = std::vector<std::pair<std::string, std::string>>;

Events parse_split(std::string_view text, std::size_t step) {
  SseParser parser;
  Events events;
  for (std::size_t at = 0; at < text.size(); at += step) {
    EXPECT_TRUE(parser.push(text.substr(at, step),
                            [&](std::string_view event, std::string_view data) { events.emplace_back(event, data); }));
  }
  return events;
}

TEST(Sse, gives_the_same_events_for_any_split) {
  const std::string text =
      "\xEF\xBB\xBF"
      "data: ol\xc3\xa1 \xf0\x9f\x98\x80\r\n\r\n: comment\nevent: delta\ndata:one\ndata\ndata:  two\n\nid: 7\nretry: "
      "1\n\n"
      "data: cr\r\revent: gone\n\ndata: unfinished";
  const Events expected{{"message", "ol\xc3\xa1 \xf0\x9f\x98\x80"}, {"delta", "one\n\n two"}, {"message", "cr"}};
  for (std::size_t step = 1; step <= text.size(); ++step) EXPECT_EQ(parse_split(text, step), expected) << step;
}

TEST(Sse, an_event_beyond_the_limit_ends_the_stream) {
  SseParser parser(64);
  const auto ignore = [](std::string_view, std::string_view) {};
  EXPECT_TRUE(parser.push("data: " + std::string(40, 'x') + "\n", ignore));
  EXPECT_FALSE(parser.push("data: " + std::string(40, 'x') + "\n\n", ignore));
  EXPECT_FALSE(parser.push("data: ok\n\n", ignore));
}

TEST(WebSocketHandshake, answers_the_key_of_the_standard) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455, 1.3
  EXPECT_EQ(websocket_key().size(), 24U);
}

std::string frame(WsOpcode opcode, std::string_view payload) {
  std::string out;
  const std::uint32_t mask = 0x1234abcd;
  append_frame(out, opcode, payload, &mask);
  return out;
}

struct Seen {
  std::vector<std::string> messages;
  std::vector<WsDecoder::Kind> kinds;
  std::uint16_t code = 0;
};

Seen decode(std::string_view bytes, std::size_t step, std::size_t limit = 1 << 20) {
  WsDecoder decoder(WsRole::server, limit);
  Seen seen;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    decoder.push(bytes.substr(at, step));
    for (auto event = decoder.next(); event.kind != WsDecoder::Kind::none; event = decoder.next()) {
      seen.kinds.push_back(event.kind);
      seen.messages.emplace_back(event.data);
      seen.code = event.code;
      if (event.kind == WsDecoder::Kind::error) return seen;
    }
  }
  return seen;
}

TEST(WsDecoder, gives_the_same_messages_for_any_split) {
  auto first = frame(WsOpcode::text, "frag");
  first[0] = static_cast<char>(static_cast<unsigned char>(first[0]) & 0x7fU);  // not final
  const auto bytes = frame(WsOpcode::text, "hello") + first + frame(WsOpcode::ping, "p") +
                     frame(WsOpcode::continuation, "ment") + frame(WsOpcode::binary, std::string(300, 'b')) +
                     frame(WsOpcode::binary, std::string(70'000, 'c')) +
                     frame(WsOpcode::close, close_payload(1001, "bye"));
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{4096}, bytes.size()}) {
    const auto seen = decode(bytes, step);
    ASSERT_EQ(seen.messages.size(), 6U) << step;
    EXPECT_EQ(seen.messages[0], "hello");
    EXPECT_EQ(seen.messages[1], "p");
    EXPECT_EQ(seen.messages[2], "fragment");
    EXPECT_EQ(seen.messages[3], std::string(300, 'b'));
    EXPECT_EQ(seen.messages[4].size(), 70'000U);
    EXPECT_EQ(seen.messages[5], "bye");
    EXPECT_EQ(seen.code, 1001);
  }
}

TEST(WsDecoder, closes_with_the_right_code_on_what_is_not_allowed) {
  const auto code_of = [](const std::string& bytes) { return decode(bytes, bytes.size(), 1000).code; };
  std::string unmasked;
  append_frame(unmasked, WsOpcode::text, "x", nullptr);
  EXPECT_EQ(code_of(unmasked), ws_close::protocol_error);
  EXPECT_EQ(code_of(frame(WsOpcode::text, std::string(1001, 'x'))), ws_close::too_big);
  EXPECT_EQ(code_of(frame(WsOpcode::text, "\xff")), ws_close::invalid_text);
  EXPECT_EQ(code_of(frame(WsOpcode::text, "\xed\xa0\x80")), ws_close::invalid_text);  // a surrogate
  EXPECT_EQ(code_of(frame(WsOpcode::continuation, "x")), ws_close::protocol_error);
  EXPECT_EQ(code_of(frame(static_cast<WsOpcode>(3), "x")), ws_close::protocol_error);
  EXPECT_EQ(code_of(frame(WsOpcode::ping, std::string(126, 'x'))), ws_close::protocol_error);
  EXPECT_EQ(code_of(frame(WsOpcode::close, "x")), ws_close::protocol_error);
  EXPECT_EQ(code_of(frame(WsOpcode::close, close_payload(1004, ""))), ws_close::protocol_error);
  EXPECT_EQ(code_of(frame(WsOpcode::close, "")), ws_close::no_status);
}

TEST(WsDecoder, cuts_a_close_reason_between_characters) {
  std::string reason(122, 'x');
  reason += "\xc3\xa9";
  EXPECT_EQ(close_payload(1000, reason).size(), 2U + 122U);
}

TEST(ResponseParser, takes_no_memory_for_what_is_only_announced) {
  ResponseParser parser(1'024, std::size_t{1} << 50U, false);
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000\r\n\r\n";
  std::string answer = head + "Hello";
  answer.erase(0, parser.feed(answer));
  EXPECT_EQ(parser.state(), ParseState::header);
  (void)parser.feed(answer);
  EXPECT_EQ(parser.state(), ParseState::more);
  const auto body = parser.take_body();
  EXPECT_EQ(body, "Hello");
  EXPECT_LT(body.capacity(), 1'024U);
}

TEST(ResponseParser, refuses_what_is_announced_beyond_the_limit) {
  ResponseParser parser(1'024, 1'000, false);
  (void)parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(parser.state(), ParseState::body_too_long);
}

}  // namespace
}  // namespace retell::net
