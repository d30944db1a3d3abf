#include "engine/media_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

namespace retell::engine {
namespace {

using namespace std::chrono_literals;

class Call final : public MediaClock::Subscriber {
 public:
  struct Tick {
    core::TimePoint deadline;
    core::TimePoint now;
    std::uint32_t missed;
  };
  void on_frame(core::TimePoint deadline, core::TimePoint now, std::uint32_t missed) override {
    ticks.push_back({deadline, now, missed});
    if (also) also();
  }
  std::vector<Tick> ticks;
  std::function<void()> also;
};

class MediaClockTest : public testing::Test {
 protected:
  void run_for(std::chrono::milliseconds time) {
    context_.restart();
    context_.run_for(time);
  }
  boost::asio::io_context context_;
  MediaClock clock_{context_.get_executor()};
};

TEST_F(MediaClockTest, ticks_every_twenty_milliseconds_by_absolute_deadlines) {
  Call call;
  clock_.add(call);
  clock_.start();
  run_for(600ms);
  clock_.stop();
  ASSERT_GE(call.ticks.size(), 5U);
  std::uint64_t frames = 0;
  for (std::size_t i = 1; i < call.ticks.size(); ++i) {
    // However late a tick is served, its deadline is a whole number of frames from the first: nothing drifts.
    const auto from_first = call.ticks[i].deadline - call.ticks[0].deadline;
    EXPECT_EQ(from_first % 20ms, 0ns);
    frames += 1 + call.ticks[i].missed;
    EXPECT_EQ(from_first, static_cast<int>(frames) * 20ms);
    EXPECT_LE(call.ticks[i].deadline, call.ticks[i].now);
  }
}

TEST_F(MediaClockTest, skips_what_it_missed_instead_of_bursting) {
  Call call;
  clock_.add(call);
  clock_.start();
  run_for(50ms);
  call.ticks.clear();
  boost::asio::post(context_, [] { std::this_thread::sleep_for(210ms); });  // the thread stands still
  run_for(300ms);
  clock_.stop();
  std::uint32_t missed = 0;
  for (const auto& tick : call.ticks) missed += tick.missed;
  EXPECT_GE(missed, 8U);
  EXPECT_LE(call.ticks.size(), 8U);
  EXPECT_GT(clock_.lateness().late_ticks, 0U);
  EXPECT_GT(clock_.lateness().worst_ms, 100);
}

TEST_F(MediaClockTest, spreads_calls_over_the_frame) {
  std::vector<Call> calls(8);
  for (auto& call : calls) clock_.add(call);
  EXPECT_EQ(clock_.size(), 8U);
  clock_.start();
  run_for(100ms);
  clock_.stop();
  std::map<std::int64_t, int> at;
  for (const auto& call : calls) {
    ASSERT_FALSE(call.ticks.empty());
    ++at[(call.ticks[0].deadline.time_since_epoch() % 20ms) / 1us];
  }
  ASSERT_EQ(at.size(), 4U);
  for (const auto& [offset, count] : at) EXPECT_EQ(count, 2) << offset;
}

TEST_F(MediaClockTest, lets_calls_begin_and_end_while_it_serves_them) {
  Call first;
  Call second;
  Call late;
  clock_.add(first);
  bool begun = false;
  first.also = [&] {
    if (std::exchange(begun, true)) return;
    for (int i = 0; i < 4; ++i) clock_.add(i == 3 ? late : second);  // into this slot, too
    clock_.remove(first);
    for (int i = 0; i < 3; ++i) clock_.remove(second);
  };
  clock_.start();
  run_for(120ms);
  clock_.stop();
  EXPECT_EQ(first.ticks.size(), 1U);
  EXPECT_TRUE(second.ticks.empty());
  EXPECT_GT(late.ticks.size(), 1U);
  EXPECT_EQ(clock_.size(), 1U);
}

TEST_F(MediaClockTest, may_go_while_a_tick_is_pending) {
  auto clock = std::make_unique<MediaClock>(context_.get_executor());
  Call call;
  clock->add(call);
  clock->start();
  std::this_thread::sleep_for(10ms);  // the tick is due, but nobody has run it
  clock.reset();
  run_for(50ms);
  EXPECT_TRUE(call.ticks.empty());
}

}  // namespace
}  // namespace retell::engine
