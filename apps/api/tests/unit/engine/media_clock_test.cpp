#include "engine/media_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

namespace retell::engine {
namespace {

using namespace std::chrono_literals;
using Time = core::TimePoint;

struct Call final : MediaClock::Subscriber {
  std::vector<Time> deadlines;
  std::uint32_t missed = 0;
  std::function<void()> then = [] {};
  void on_frame(Time deadline, Time, std::uint32_t skipped) override {
    deadlines.push_back(deadline);
    missed += skipped;
    then();
  }
};

class MediaClockTest : public testing::Test {
 protected:
  // Runs the loop for at least so long.
  void run(std::chrono::milliseconds length) {
    loop_.restart();
    loop_.run_for(length);
  }
  // Runs until the call has been served so often; the machine may be slow.
  void serve(const Call& call, std::size_t frames) {
    loop_.restart();
    for (const auto limit = std::chrono::steady_clock::now() + 10s;
         call.deadlines.size() < frames && std::chrono::steady_clock::now() < limit;) {
      loop_.run_one_for(100ms);
    }
    ASSERT_GE(call.deadlines.size(), frames);
  }

  boost::asio::io_context loop_;
  MediaClock clock_{loop_.get_executor()};
};

TEST_F(MediaClockTest, serves_a_call_at_whole_frames_from_its_first) {
  Call call;
  clock_.add(call);
  clock_.start();
  serve(call, 10);
  for (std::size_t i = 1; i < call.deadlines.size(); ++i) {
    EXPECT_EQ((call.deadlines[i] - call.deadlines.front()) % 20ms, 0ns) << "deadlines are absolute";
    EXPECT_GT(call.deadlines[i], call.deadlines[i - 1]);
  }
}

TEST_F(MediaClockTest, spreads_calls_over_the_frame) {
  std::array<Call, 8> calls;
  for (auto& call : calls) clock_.add(call);
  EXPECT_EQ(clock_.size(), 8U);
  clock_.start();
  serve(calls.back(), 1);
  serve(calls.front(), 1);
  std::array<int, 4> slots{};
  for (const auto& call : calls)
    ++slots.at(static_cast<std::size_t>((call.deadlines[0] - calls[0].deadlines[0]) / 5ms) % 4);
  EXPECT_EQ(slots, (std::array{2, 2, 2, 2}));
}

TEST_F(MediaClockTest, skips_the_frames_of_a_stall_and_says_how_many) {
  Call call;
  clock_.add(call);
  clock_.start();
  serve(call, 1);
  std::this_thread::sleep_for(110ms);
  const auto before = call.deadlines.size();
  serve(call, before + 2);
  EXPECT_GE(call.missed, 4U);
  const auto frames = (call.deadlines.back() - call.deadlines.front()) / 20ms;
  EXPECT_EQ(frames, static_cast<long>(call.deadlines.size() - 1 + call.missed)) << "each frame was served or skipped";
}

TEST_F(MediaClockTest, is_served_by_a_frames_arrival_when_the_loop_is_busy) {
  Call call;
  clock_.add(call);
  clock_.start();
  boost::asio::post(loop_, [&] {  // one handler that never lets the loop look at its timers
    for (const auto end = std::chrono::steady_clock::now() + 200ms; std::chrono::steady_clock::now() < end;) {
      clock_.serve_if_due(std::chrono::steady_clock::now());
    }
  });
  loop_.run_one();
  EXPECT_GE(call.deadlines.size() + call.missed, 9U);
  const auto served = call.deadlines.size();
  clock_.serve_if_due(call.deadlines.back());
  EXPECT_EQ(call.deadlines.size(), served) << "nothing is due yet";
}

TEST_F(MediaClockTest, a_call_may_leave_and_another_come_while_they_are_served) {
  std::array<Call, 5> calls;
  Call late;
  for (auto& call : calls) clock_.add(call);
  calls[0].then = [&] {  // calls 0 and 4 share a slot
    clock_.remove(calls[0]);
    clock_.remove(calls[4]);
    clock_.add(late);
    clock_.serve_if_due(std::chrono::steady_clock::now() + 1s);  // asked from inside: not now
  };
  clock_.start();
  serve(late, 2);
  EXPECT_EQ(calls[0].deadlines.size(), 1U);
  EXPECT_TRUE(calls[4].deadlines.empty());
  EXPECT_EQ(clock_.size(), 4U);
}

TEST_F(MediaClockTest, is_quiet_once_stopped) {
  Call call;
  clock_.add(call);
  clock_.start();
  serve(call, 1);
  clock_.stop();
  const auto before = call.deadlines.size();
  clock_.serve_if_due(std::chrono::steady_clock::now() + 1s);
  run(50ms);
  EXPECT_EQ(call.deadlines.size(), before);
}

TEST(MediaClock, may_go_while_a_tick_is_pending) {
  boost::asio::io_context loop;
  auto clock = std::make_unique<MediaClock>(loop.get_executor());
  Call call;
  clock->add(call);
  clock->start();
  std::this_thread::sleep_for(10ms);  // the tick is due, but nobody has run it
  clock.reset();
  loop.run_for(50ms);
  EXPECT_TRUE(call.deadlines.empty());
}

}  // namespace
}  // namespace retell::engine
