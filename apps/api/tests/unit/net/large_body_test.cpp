// Bodies above the ordinary limit: let in by name, kept on disk, and never read from whoever may not send them.
#include <atomic>
#include <filesystem>
#include <thread>

#include "net/body_file.hpp"
#include "rig.hpp"
#include "support/run.hpp"

namespace retell::net::test {
namespace {

std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 4'099);
  return bytes;
}

class LargeBodies : public ::testing::Test {
 protected:
  explicit LargeBodies(int at_a_time = 1) : store_(pool_, (folder_.path() / "incoming").string(), at_a_time) {
    options_.max_body = 1'000;
    options_.large_bodies = &store_;
    options_.admit = [this](HttpRequest head, std::uint64_t length, core::Worker&) {
      return answer(std::move(head), length);
    };
    rig_.emplace([this](HttpRequest request, core::Worker&) { return take(std::move(request)); }, echo, options_);
  }
  Task<std::optional<HttpResponse>> answer(HttpRequest head, std::uint64_t length) {
    ++asked_;
    EXPECT_TRUE(head.body.empty());
    EXPECT_GT(length, 1'000U);
    if (head.path == "/upload") co_return std::nullopt;
    co_return HttpResponse{.status = 401, .headers = {}, .body = "not you"};
  }
  Task<HttpResponse> take(HttpRequest request) {
    HttpResponse response;
    if (request.body_file) {
      auto compare = [](std::string_view whole) { return whole == noise(whole.size()); };
      const bool same = co_await request.body_file->with_whole(std::move(compare));
      response.body = (same ? "the same, " : "another, ") + std::to_string(request.body.size()) + " in memory";
    } else {
      response.body = "in memory " + request.body;
    }
    co_return response;
  }
  static std::string head(const std::string& path, std::size_t length) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n";
  }

  retell::test::TemporaryFolder folder_;
  core::BlockingPool pool_{2};
  BodyStore store_;
  std::atomic<int> asked_{0};
  HttpServerOptions options_;
  std::optional<Rig> rig_;
};

// A body keeps its place until the disk has been given back, which may be after its answer.
class LargeBodiesInTurn : public LargeBodies {
 protected:
  LargeBodiesInTurn() : LargeBodies(2) {}
};

TEST_F(LargeBodiesInTurn, come_to_the_handler_on_disk_and_leave_nothing_there) {
  auto peer = RawPeer::connect(rig_->port());
  const auto body = noise((std::size_t{5} << 20) + 123);
  for (int i = 0; i < 2; ++i) {
    peer.send(head("/upload", body.size()) + "\r\n" + body);
    const auto answer = peer.read_answer();
    EXPECT_TRUE(answer.ends_with("the same, 0 in memory")) << answer;
    peer.send(head("/upload", 5) + "\r\nsmall");
    EXPECT_TRUE(peer.read_answer().ends_with("in memory small"));
  }
  EXPECT_EQ(asked_, 2);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "incoming"));
}

TEST_F(LargeBodies, that_nobody_asked_for_are_refused_before_they_come) {
  auto peer = RawPeer::connect(rig_->port());
  peer.send(head("/elsewhere", 2'000) + "Expect: 100-continue\r\n\r\n");
  const auto answer = peer.read_answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
  EXPECT_TRUE(answer.ends_with("not you")) << answer;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "incoming"));
}

TEST_F(LargeBodies, wait_for_their_turn) {
  auto first = RawPeer::connect(rig_->port());
  const auto body = noise(2'000);
  first.send(head("/upload", body.size()) + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(first.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  auto second = RawPeer::connect(rig_->port());
  second.send(head("/upload", body.size()) + "\r\n" + body);
  const auto refused = second.read_all();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429 ")) << refused;
  EXPECT_NE(refused.find("Retry-After: 10"), std::string::npos) << refused;
  first.send(body);
  EXPECT_TRUE(first.read_answer().ends_with("the same, 0 in memory"));
  std::string later;
  for (int i = 0; i < 100 && later.find(" 200 ") == std::string::npos; ++i) {  // the file is given back on the pool
    std::this_thread::sleep_for(10ms);
    auto third = RawPeer::connect(rig_->port());
    third.send(head("/upload", body.size()) + "Connection: close\r\n\r\n" + body);
    later = third.read_all();
  }
  EXPECT_TRUE(later.ends_with("the same, 0 in memory")) << later;
}

TEST_F(LargeBodies, that_break_off_take_nobodys_turn) {
  for (int i = 0; i < 3; ++i) {
    std::string answer;
    for (int tries = 0; tries < 100 && answer.find(" 100 ") == std::string::npos; ++tries) {
      std::this_thread::sleep_for(10ms);
      auto peer = RawPeer::connect(rig_->port());
      peer.send(head("/upload", 2'000) + "Expect: 100-continue\r\n\r\n");
      answer = peer.read_until("\r\n\r\n");
      peer.send("half of it");
    }
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 ")) << answer;
  }
}

TEST_F(LargeBodies, must_say_how_long_they_are) {
  auto peer = RawPeer::connect(rig_->port());
  peer.send("POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + noise(1'001));
  EXPECT_TRUE(peer.read_all().starts_with("HTTP/1.1 413 "));
}

}  // namespace
}  // namespace retell::net::test
