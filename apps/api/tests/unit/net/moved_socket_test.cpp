// A WebSocket that runs on another worker than the one its connection was accepted on.
#include <atomic>
#include <thread>

#include "net/ws_frames.hpp"
#include "rig.hpp"

namespace retell::net::test {
namespace {

// A connection that is being moved counts on both workers for a moment, and one that has been closed until its worker
// has seen it: so the number is waited for.
void expect_connections(Rig& rig, std::size_t wanted) {
  for (int i = 0; i < 2500 && rig.server().connections() != wanted; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(rig.server().connections(), wanted);
}

constexpr std::string_view handshake =
    "GET /media HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

std::string client_frame(WsOpcode opcode, std::string_view payload) {
  std::string out;
  const std::uint32_t mask = 0x5a17c3e9;
  append_frame(out, opcode, payload, &mask);
  return out;
}

// Echoes, and says first on which worker it does so.
Task<void> echo_with_place(WebSocket socket, core::Worker& worker) {
  EXPECT_TRUE(worker.on_this_thread());
  socket.send_text("worker " + std::to_string(worker.index()));
  co_await socket.run([&](std::string_view data, bool) {
    EXPECT_TRUE(worker.on_this_thread());
    socket.send_text(std::string(data));
  });
}

std::string text_frame(std::string_view text) {
  std::string out;
  append_frame(out, WsOpcode::text, text, nullptr);
  return out;
}

// Moves every socket to the worker that its connection is not on.
struct MovingRig {
  core::WorkerPool* workers = nullptr;
  std::atomic<int> accepted_on{-1};
  Rig rig{mirror, [this](HttpRequest, core::Worker& here) -> Task<UpgradeOutcome> {
            accepted_on = static_cast<int>(here.index());
            co_return WebSocketUpgrade(echo_with_place, &workers->at(1 - here.index()));
          }};
  MovingRig() { workers = &rig.workers(); }
};

TEST(MovedSocket, runs_on_the_worker_it_was_given_with_the_bytes_that_came_before) {
  MovingRig moving;
  auto peer = RawPeer::connect(moving.rig.port());
  // Two frames and a half right behind the request, the rest once the socket has been moved.
  const auto third = client_frame(WsOpcode::text, std::string(300, 'z'));
  peer.send(std::string(handshake) + client_frame(WsOpcode::text, "start") + client_frame(WsOpcode::text, "media") +
            third.substr(0, 100));
  ASSERT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  const auto place = text_frame("worker " + std::to_string(1 - moving.accepted_on));
  EXPECT_EQ(peer.read_exactly(place.size()), place);
  EXPECT_EQ(peer.read_exactly(14), text_frame("start") + text_frame("media"));
  expect_connections(moving.rig, 1);
  peer.send(third.substr(100));
  EXPECT_EQ(peer.read_exactly(304), text_frame(std::string(300, 'z')));
  peer.send(client_frame(WsOpcode::close, close_payload(1000, "")));
  EXPECT_EQ(peer.read_all(), std::string("\x88\x02\x03\xe8", 4));
  expect_connections(moving.rig, 0);
}

TEST(MovedSocket, a_hundred_clients_that_talk_at_once_lose_nothing) {
  MovingRig moving;
  constexpr int clients = 100;
  constexpr int messages = 40;
  std::vector<RawPeer> peers;
  peers.reserve(clients);
  for (int i = 0; i < clients; ++i) peers.push_back(RawPeer::connect(moving.rig.port()));
  for (auto& peer : peers) {
    std::string bytes(handshake);
    for (int m = 0; m < messages / 2; ++m) bytes += client_frame(WsOpcode::text, "message " + std::to_string(100 + m));
    peer.send(bytes);
  }
  for (auto& peer : peers) {  // while they are being moved
    for (int m = messages / 2; m < messages; ++m) {
      peer.send(client_frame(WsOpcode::text, "message " + std::to_string(100 + m)));
    }
  }
  for (auto& peer : peers) {
    ASSERT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(peer.read_exactly(9), text_frame("worker 0").substr(0, 9));
    peer.read_exactly(1);  // which one depends on the dealing
    for (int m = 0; m < messages; ++m) {
      ASSERT_EQ(peer.read_exactly(13), text_frame("message " + std::to_string(100 + m)));
    }
  }
  expect_connections(moving.rig, clients);
}

TEST(MovedSocket, a_worker_that_is_none_of_the_servers_changes_nothing) {
  core::Worker stranger(7);
  Rig rig(mirror, [&](HttpRequest, core::Worker&) -> Task<UpgradeOutcome> {
    co_return WebSocketUpgrade(echo_with_place, &stranger);
  });
  auto peer = RawPeer::connect(rig.port());
  peer.send(std::string(handshake) + client_frame(WsOpcode::text, "early"));
  peer.read_until("\r\n\r\n");
  EXPECT_NE(peer.read_exactly(10).find("worker "), std::string::npos);
  EXPECT_EQ(peer.read_exactly(7), text_frame("early"));
}

TEST(MovedSocket, stopping_the_server_ends_those_that_were_moved) {
  MovingRig moving;
  auto peer = RawPeer::connect(moving.rig.port());
  peer.send(handshake);
  peer.read_until("\r\n\r\n");
  peer.read_exactly(10);
  const auto begin = std::chrono::steady_clock::now();
  moving.rig.server().stop(50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_EQ(peer.read_all(), going_away_frame()) << "it is told, and dropped when it does not answer";
  EXPECT_EQ(moving.rig.server().connections(), 0U);
}

TEST(MovedSocket, stopping_the_server_in_the_middle_of_many_moves_leaves_none_behind) {
  MovingRig moving;
  std::vector<RawPeer> peers;
  for (int i = 0; i < 50; ++i) {
    peers.push_back(RawPeer::connect(moving.rig.port()));
    peers.back().send(std::string(handshake) + client_frame(WsOpcode::text, "hello"));
  }
  moving.rig.server().stop(0ms);
  for (auto& peer : peers) peer.read_all();  // each is closed
  expect_connections(moving.rig, 0);         // and counted as such a moment later
}

}  // namespace
}  // namespace retell::net::test
